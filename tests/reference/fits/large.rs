//! The models whose V is one large matrix: crossed factors, and a field.

use covprop::prelude::*;
use covprop::structure::{Ar1CorrelationMatrix, HomogeneousMatrix};

use crate::common::cases::with_large;

use super::{Case, SAME, both, check, with_large_stack};

#[test]
fn penicillin() {
    with_large_stack(|| {
        let case = Case::read("penicillin_crossed").unwrap();
        let plates = case.indices("g_plate").try_into().unwrap();
        let samples = case.indices("g_sample").try_into().unwrap();
        let plate = CovariancePropagation::new(
            DummyMatrix::<144, 24>::from_indices(plates),
            named("G", ScalarMatrix::<24>::new()),
        );
        let sample = CovariancePropagation::new(
            DummyMatrix::<144, 6>::from_indices(samples),
            named("G", ScalarMatrix::<6>::new()),
        );
        let model = MixedModel::from_random_terms(
            named("plate", plate).plus(named("sample", sample)),
            named("R", ScalarMatrix::<144>::new()),
        );
        let (x, y) = (case.x::<144, 1>(), case.y::<144>());
        both!(&case, model.estimation(&x, &y).unwrap(), SAME, |fit| {
            let exact = super::exact(&case, fit.criterion);
            let prediction = fit.predict(&x, &y).unwrap();
            let (plates, samples) = prediction.random_effects();
            for (i, found) in [plates.as_slice(), samples.as_slice()].into_iter().enumerate() {
                let values = exact["blups"][i]["values"].as_array().unwrap();
                let expected: Vec<f64> = values.iter().flat_map(super::numbers).collect();
                super::assert_close("penicillin effects", found, &expected, super::ESTIMATE);
            }
        });
    });
}

type Field = KroneckerProduct<Ar1CorrelationMatrix<10>, Ar1CorrelationMatrix<15>>;

fn field() -> HomogeneousMatrix<150, Field> {
    HomogeneousMatrix::from_correlation(KroneckerProduct::new(
        Ar1CorrelationMatrix::new(),
        Ar1CorrelationMatrix::new(),
    ))
}

/// Returns a case only with optimisation, without which its fit takes minutes. The example
/// `slate_hall` also has the fit.
fn read_slow(id: &str) -> Option<Case> {
    with_large().then(|| Case::read(id)).flatten()
}

#[test]
fn slatehall() {
    with_large_stack(|| {
        let Some(case) = read_slow("slatehall_ar1ar1") else { return };
        let model = Marginal::new(field());
        let (x, y) = (case.x::<150, 25>(), case.y::<150>());
        both!(&case, model.estimation(&x, &y).unwrap(), SAME, |_fit| ());
    });
}

#[test]
fn slatehall_with_nugget() {
    with_large_stack(|| {
        let Some(case) = read_slow("slatehall_ar1ar1_units") else { return };
        let field = named("field", field());
        let model = Marginal::new(field.plus(named("units", ScalarMatrix::<150>::new())));
        let (x, y) = (case.x::<150, 25>(), case.y::<150>());
        both!(&case, model.estimation(&x, &y).unwrap(), SAME, |_fit| ());
    });
}
