//! What every public type can do beside its own: be copied, compared, printed, sent to another thread.
//!
//! To lose one of these breaks what users wrote, and auto traits are lost by a field, unseen. Each public type of `src` stands
//! here; a test finds those that are missing.

use core::fmt::{Debug, Display};
use core::panic::{RefUnwindSafe, UnwindSafe};
use std::fs;
use std::path::Path;

use covprop::algebra::Chained;
use covprop::algebra::{
    Disagreement, Expression, Factored, LowRank, Node, ParamName, ParamNames, Partial, Residual,
    Scale, SparsityPattern, Tree,
};
use covprop::approx::RelativeEq;
use covprop::error::{CovarianceDefect, Number, Text};
#[cfg(feature = "rand_core")]
use covprop::inference::Simulation;
use covprop::inference::{
    Bound, BoundaryTangent, Contrast, Estimate, FTest, Inference, Information, KenwardRoger,
    KenwardRogerMethod, Prediction, Profile, ProfileInterval, Table,
};
use covprop::kalman::{
    CovarianceRecursion, Innovation, KalmanFilter, SensitivityFilter, StateSpaceEstimation,
    StateSpaceFit, System, SystemDerivative,
};
use covprop::operator::{Adapter, AffineMap, Gram, Named, Product, Sum};
use covprop::optimise::{Certificate, Progress, Stop};
use covprop::prelude::*;
use covprop::reml::{
    Accumulator, Estimation, Evaluation, Explorer, Fit, Likelihood, ReproducibleAccumulator,
    ResponseVector, SubjectData,
};
#[cfg(feature = "alloc")]
use covprop::reml::{HeapAccumulator, HeapPanel};
#[cfg(feature = "rayon")]
use covprop::reml::{Series, SeriesFits};
#[cfg(feature = "autodiff")]
use covprop::structure::CustomMatrix;
use covprop::structure::{
    AnteDependenceCorrelationMatrix, Ar1CorrelationMatrix, BandedToeplitzCorrelationMatrix,
    Correlation, CrossedLabel, EqualEntryMatrix, EquicorrelationMatrix, Exponential,
    ExponentialVarianceMatrix, Gaussian, HeterogeneousBandedToeplitzMatrix, HeterogeneousMatrix,
    HeterogeneousToeplitzMatrix, HomogeneousMatrix, IsotropicCorrelationMatrix, Levels, Matern,
    PowerVarianceMatrix, ToeplitzCorrelationMatrix,
};
use covprop::transform::{Chain, Exp, Exp2, Exp10, ExpPow2, Jet, Pow, ScaleShift, Sigmoid};
use covprop::{Error, typenum};

/// What holds for all but [`Node`].
trait Plain: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe {}
impl<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe> Plain for T {}

/// Data without numbers, and everything that is made of such.
fn exact<T: Clone + Copy + Debug + Eq + Plain>() {}
/// The same with numbers.
fn value<T: Clone + Copy + Debug + PartialEq + Plain>() {}
/// With numbers that `approx` compares.
fn measured<T: Clone + Copy + Debug + RelativeEq + Plain>() {}
/// The same with arrays over the parameters, whose copies are long.
fn report<T: Clone + Debug + RelativeEq + Plain>() {}
/// Numbers on the heap.
#[cfg(feature = "alloc")]
fn owned<T: Clone + Debug + PartialEq + Plain>() {}
/// References with something to find beside them.
fn view<T: Clone + Copy + Debug + Plain>() {}
/// The same with arrays over the parameters.
fn long_view<T: Clone + Debug + Plain>() {}
/// With references to what is displayed, whatever that is.
fn borrowing<T: Clone + Copy + Debug + Unpin>() {}
/// Made for one place.
fn printed<T: Debug + Plain>() {}
/// Lent for a while, with what it works on.
fn lent<T: Debug + Unpin>() {}
fn has_default<T: Default>() {}

type Z = DummyMatrix<4, 3>;
type G = DiagonalMatrix<3>;
type V = CovariancePropagation<Z, G>;
type Mixed = MixedModel<Sum<V, ScalarMatrix<4>>, ScalarMatrix<4>>;
type Data = ResponseVector<f64, 4, 1>;
type Tracker = StateSpace<SMatrix<f64, 2, 2>, SMatrix<f64, 1, 2>, G, ScalarMatrix<1>>;

#[test]
fn structures() {
    exact::<AnteDependenceCorrelationMatrix<3, Exp>>();
    exact::<Ar1CorrelationMatrix<3, Exp>>();
    exact::<Ar1Matrix<3, Exp, Exp>>();
    exact::<BandedToeplitzCorrelationMatrix<3, 1>>();
    exact::<CompoundSymmetricMatrix<3, Exp, Exp>>();
    exact::<CrossedLabel<'_, &str, u8>>();
    exact::<DiagonalMatrix<3>>();
    exact::<DummyMatrix<4, 3>>();
    exact::<EqualEntryMatrix<4, 3>>();
    exact::<EquicorrelationMatrix<3, Exp>>();
    exact::<FactorAnalyticMatrix<3, 1>>();
    exact::<GroupVarianceMatrix<4, 2>>();
    exact::<HeterogeneousMatrix<3, IdentityMatrix<3>>>();
    exact::<HomogeneousMatrix<3, IdentityMatrix<3>>>();
    exact::<IdentityMatrix<3>>();
    exact::<Levels<&str, 3>>();
    exact::<LogCholeskyMatrix<3>>();
    exact::<LowerTriangularMatrix<4, 3>>();
    exact::<Matern>();
    exact::<ScalarMatrix<3>>();
    exact::<ToeplitzCorrelationMatrix<3, Exp>>();
    exact::<UnconstrainedMatrix<3>>();
    exact::<Exponential>();
    exact::<Gaussian>();

    value::<AnteDependenceMatrix<3>>();
    value::<BandedToeplitzMatrix<3, 1>>();
    value::<Distances<3>>();
    value::<ExponentialMatrix<3>>();
    value::<ExponentialVarianceMatrix<3>>();
    value::<GaussianMatrix<3>>();
    value::<HeterogeneousAr1Matrix<3>>();
    value::<HeterogeneousBandedToeplitzMatrix<3, 1>>();
    value::<HeterogeneousCompoundSymmetricMatrix<3>>();
    value::<HeterogeneousToeplitzMatrix<3>>();
    value::<IsotropicCorrelationMatrix<3, Exponential>>();
    value::<KnownMatrix<3, f64>>();
    value::<KnownScaledMatrix<3, f64>>();
    value::<MaternMatrix<3>>();
    value::<PowerVarianceMatrix<3>>();
    value::<ToeplitzMatrix<3>>();
    value::<WeightedMatrix<3>>();

    has_default::<BandedToeplitzCorrelationMatrix<3, 1>>();
    has_default::<DiagonalMatrix<3>>();
    has_default::<EqualEntryMatrix<4, 3>>();
    has_default::<IdentityMatrix<3>>();
    has_default::<LowerTriangularMatrix<4, 3>>();
    has_default::<ScalarMatrix<3>>();
    has_default::<UnconstrainedMatrix<3>>();
}

#[cfg(feature = "autodiff")]
#[test]
fn functions() {
    exact::<CustomMatrix<(), 2, 2>>();
}

#[test]
fn operators() {
    exact::<Adapter<G, ()>>();
    exact::<Augment<Z, Z>>();
    exact::<BlockDiagonal<G, G>>();
    exact::<CovariancePropagation<Z, G>>();
    exact::<Gram<Z>>();
    exact::<HadamardProduct<G, G>>();
    exact::<Inverse<G>>();
    exact::<KroneckerProduct<G, G>>();
    exact::<Named<G>>();
    exact::<OuterGram<Z>>();
    exact::<Product<Z, G>>();
    exact::<Stack<Z, Z>>();
    exact::<Sum<G, G>>();
    exact::<Transpose<Z>>();

    value::<AffineMap<2, 3>>();
    value::<Constrained<G, f64, 1>>();
    value::<Source<f64>>();
    exact::<Source<u8>>();
    // Made of numbers, as whole models are.
    value::<CovariancePropagation<SMatrix<f64, 4, 3>, G>>();
    value::<KroneckerProduct<SMatrix<f64, 4, 3>, WeightedMatrix<3>>>();
}

#[test]
fn transforms() {
    exact::<Chain<Exp, Exp>>();
    exact::<Exp10>();
    exact::<Exp2>();
    exact::<Exp>();
    exact::<ExpPow2>();
    exact::<Identity>();
    exact::<Sigmoid>();
    value::<Correlation>();
    value::<Jet<f64>>();
    value::<Pow>();
    value::<ScaleShift>();
    has_default::<Chain<Exp, ExpPow2>>();
    has_default::<Sigmoid>();
}

#[test]
fn parts() {
    exact::<Chained>();
    exact::<SparsityPattern>();
    value::<Scale>();
    value::<Factored<f64, 3, 3>>();
    value::<LowRank>();
    value::<Residual>();
    value::<Disagreement>();
    value::<Partial<'_, f64, 3, 3>>();
    view::<Expression<'_, V>>();
    view::<ParamName<'_, V>>();
    long_view::<ParamNames<'_, V>>();
    long_view::<Tree<'_, V, f64, 4, 4>>();
    borrowing::<Node<'_, f64>>();
}

#[test]
fn errors() {
    fn error<T: core::error::Error + Plain + 'static>() {}
    exact::<Error>();
    exact::<CovarianceDefect>();
    exact::<Number>();
    exact::<Text>();
    exact::<Number>();
    exact::<CovarianceDefect>();
    error::<Error>();
    error::<Disagreement>();
    // The small one that travels in every result.
    assert!(size_of::<Error>() <= 128, "{}", size_of::<Error>());
}

#[test]
fn estimation() {
    exact::<Criterion>();
    exact::<Stop>();
    report::<Certificate<typenum::U3, f64>>();
    exact::<Edge>();
    exact::<Information>();
    exact::<KenwardRogerMethod>();
    exact::<BoundaryTangent>();
    exact::<Marginal<G>>();
    exact::<MixedModel<V, ScalarMatrix<4>>>();
    value::<Accumulator<f64, 4, 1, 2>>();
    value::<ReproducibleAccumulator<f64, 4, 1, 2>>();
    measured::<Bound<f64>>();
    measured::<Contrast<f64>>();
    measured::<Estimate<f64>>();
    measured::<FTest<f64>>();
    measured::<LikelihoodRatio<f64>>();
    value::<Panel<Mixed, f64, 4, 1, 2>>();
    measured::<ProfileInterval<f64>>();
    value::<ResponseVector<f64, 4, 1>>();
    value::<Subject<Mixed, f64, 4, 1>>();
    long_view::<SubjectData<'_, &[Subject<Mixed, f64, 4, 1>], Mixed, f64, 4, 1>>();
    value::<Subjects<&'static [Subject<Mixed, f64, 4, 1>], Mixed>>();
    report::<Fit<'_, V, f64, 4, 1>>();
    report::<Inference<V, f64, 1>>();
    report::<KenwardRoger<V, f64, 1>>();
    report::<Outcome<V, f64>>();
    view::<Prediction<'_, V, f64, 4, 1>>();
    view::<Profile<'_, '_, V, Data, f64, 4, 1>>();
    view::<Progress<'_, V, f64>>();
    view::<Table<'_, '_, V, f64, 4, 1>>();
    long_view::<Estimation<'_, V, Data, f64, 4, 1>>();
    printed::<Likelihood<'_, V, Data, f64, 4, 1>>();
    lent::<Explorer<'_, V, f64, 1>>();
    lent::<Evaluation<'_, V, f64, 1>>();
}

#[cfg(feature = "alloc")]
#[test]
fn heap() {
    owned::<HeapAccumulator<f64, 4, 1>>();
    owned::<HeapPanel<Mixed, f64, 4, 1>>();
}

#[cfg(feature = "rand_core")]
#[test]
fn simulation() {
    value::<Simulation<f64, 4>>();
}

#[cfg(feature = "rayon")]
#[test]
fn series() {
    value::<Series<f64, 4, 1>>();
    long_view::<SeriesFits<'_, Marginal<G>, f64>>();
}

#[test]
fn state_spaces() {
    exact::<StateSpace<G, Transpose<Z>, G, G>>();
    value::<Tracker>();
    measured::<Innovation<f64, 1>>();
    measured::<KalmanFilter<f64, 2, 1>>();
    measured::<System<f64, 2, 1>>();
    measured::<SystemDerivative<f64, 2, 1>>();
    report::<CovarianceRecursion<Tracker, f64, 2, 1>>();
    report::<SensitivityFilter<Tracker, f64, 2, 1>>();
    report::<StateSpaceFit<'_, Tracker, f64>>();
    long_view::<StateSpaceEstimation<'_, '_, Tracker, f64, 2, 1>>();
}

/// What is read is displayed, too.
#[test]
fn displays() {
    fn displayed<T: Display>() {}
    displayed::<Error>();
    displayed::<Number>();
    displayed::<Text>();
    displayed::<ParamName<'_, V>>();
    displayed::<Expression<'_, V>>();
    displayed::<Tree<'_, V, f64, 4, 4>>();
    displayed::<Fit<'_, V, f64, 4, 1>>();
    displayed::<Table<'_, '_, V, f64, 4, 1>>();
}

/// Models that are no `Clone` still have reports that are.
#[test]
fn reports_do_not_ask_the_model() -> Result<(), Error> {
    struct Own;
    impl Shape for Own {
        type Rows = nalgebra::Const<3>;
        type Cols = nalgebra::Const<3>;
        type ParamCount = typenum::U1;
        const SYMMETRIC: bool = true;
    }
    impl<T: Real> ParamMatrix<T, 3, 3> for Own {
        fn value(&self, theta: &[T; 1]) -> SMatrix<T, 3, 3> {
            ScalarMatrix::<3>::new().value(theta)
        }
        fn gradient(&self, theta: &[T; 1]) -> [SMatrix<T, 3, 3>; 1] {
            ScalarMatrix::<3>::new().gradient(theta)
        }
    }
    let model = Marginal::new(Own);
    let (x, y) = (SVector::<f64, 3>::repeat(1.0), SVector::from([1.0, 2.0, 4.0]));
    let estimation = model.estimation(&x, &y)?;
    let fit = estimation.clone().fit()?;
    let copy = fit.clone();
    assert_eq!(copy.theta, fit.theta);
    assert_eq!(format!("{copy:?}"), format!("{fit:?}"));
    let inference = estimation.inference(&fit)?;
    assert_eq!(inference.clone(), inference);
    let kenward_roger = estimation.kenward_roger(&fit)?;
    assert_eq!(kenward_roger.clone(), kenward_roger);
    assert!(format!("{inference:?} {kenward_roger:?}").contains("KenwardRoger { beta: "));
    Ok(())
}

/// The same numbers of another model are another fit.
#[test]
fn reports_differ_by_what_is_in_them() -> Result<(), Error> {
    let (x, y) = (SVector::<f64, 3>::repeat(1.0), SVector::from([1.0, 2.0, 4.0]));
    let weighted = Marginal::new(WeightedMatrix::new([1.0, 1.0, 2.0]));
    let other = Marginal::new(WeightedMatrix::new([1.0, 2.0, 1.0]));
    let [a, b] = [weighted.fit(&x, &y)?, other.fit(&x, &y)?];
    assert_eq!(a, a.clone());
    assert_ne!(a, b);
    let mut moved = a.clone();
    moved.beta *= 2.0;
    assert_ne!(a, moved);

    let known = Constrained::<_, _, 1>::new(
        G::new(),
        [Source::Free(0), Source::Fixed(0.5), Source::Free(0)],
    );
    let unknown = Constrained::<_, f64, 1>::new(G::new(), [Source::Free(0); 3]);
    assert_eq!(known, known.clone());
    assert_ne!(known, unknown);
    Ok(())
}

/// `pub struct Name` and `pub enum Name` in a folder.
fn public_types(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            public_types(&path, names);
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let item = ["pub struct ", "pub enum ", "pub union "];
            if let Some(rest) = item.iter().find_map(|item| line.strip_prefix(item)) {
                let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                names.push(name.to_owned());
            }
        }
    }
}

#[test]
fn every_public_type_stands_here() {
    /// Public in modules that are not, since public traits name them.
    const HIDDEN: [&str; 10] = [
        "Ascent",
        "At",
        "CommonV",
        "CovarianceFactor",
        "Evaluated",
        "InformationMatrix",
        "LeastSquares",
        "Solution",
        "Standardisation",
        "Whitened",
    ];
    let mut names = Vec::new();
    public_types(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    assert!(names.len() > 80, "only {} found", names.len());
    let here = include_str!("auto_traits.rs");
    names.retain(|name| {
        let stands = |end| here.contains(&format!("::<{name}{end}"));
        !stands("<") && !stands(">") && !HIDDEN.contains(&name.as_str())
    });
    assert!(names.is_empty(), "{names:?}");
}
