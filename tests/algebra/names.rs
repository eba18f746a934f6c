//! Names of parameters, θ by name, and the errors that name what is wrong.

use covprop::Error;
use covprop::error::Text;
use covprop::operator::Sum;
use covprop::prelude::*;
use covprop::structure::Levels;

const Z: DummyMatrix<4, 3> = DummyMatrix::from_indices([0, 1, 2, 0]);

fn names<M: Shape>(m: &M) -> Vec<String> {
    m.param_names().map(|name| name.to_string()).collect()
}

#[test]
fn structures_number_their_parameters() {
    assert_eq!(names(&ScalarMatrix::<9>::new()), ["sigma^2"]);
    assert_eq!(names(&DiagonalMatrix::<2>::new()), ["sigma^2_0", "sigma^2_1"]);
    assert_eq!(
        names(&UnconstrainedMatrix::<3>::new()),
        ["sigma^2_0_0", "sigma^2_1_0", "sigma^2_1_1", "sigma^2_2_0", "sigma^2_2_1", "sigma^2_2_2"]
    );
    let tall = LowerTriangularMatrix::<4, 2>::new();
    assert_eq!(names(&tall), ["L_0_0", "L_1_0", "L_1_1", "L_2_0", "L_2_1", "L_3_0", "L_3_1"]);
    assert_eq!(names(&LowerTriangularMatrix::<2, 4>::new()), ["L_0_0", "L_1_0", "L_1_1"]);
    assert_eq!(tall.defaults(), [1.0; 7]);
}

#[test]
fn operators_put_a_path_before_them() {
    let v = CovariancePropagation::new(Z, DiagonalMatrix::<3>::new());
    assert_eq!(names(&v), ["op_1/sigma^2_0", "op_1/sigma^2_1", "op_1/sigma^2_2"]);
    let v = named("v", CovariancePropagation::new(Z, named("g", DiagonalMatrix::<3>::new())));
    assert_eq!(names(&v), ["g/sigma^2_0", "g/sigma^2_1", "g/sigma^2_2"]);
    let v = v.plus(ScalarMatrix::new());
    assert_eq!(names(&v)[2..], ["v/g/sigma^2_2", "op_1/sigma^2"]);
    // parameters of Z come first, though G is named
    let v = CovariancePropagation::new(
        LowerTriangularMatrix::<2, 1>::new(),
        named("g", ScalarMatrix::<1>::new()),
    );
    assert_eq!(names(&v), ["op_0/L_0_0", "op_0/L_1_0", "g/sigma^2"]);
    assert_eq!(v.defaults(), [1.0, 1.0, 0.0]);
}

#[test]
fn a_chain_is_one_flat_list() {
    let s = ScalarMatrix::<3>::new();
    let chain = s.plus(s).plus(IdentityMatrix::new()).plus(s);
    assert_eq!(names(&chain), ["op_0/sigma^2", "op_1/sigma^2", "op_3/sigma^2"]);
    assert_eq!(names(&Sum::new(Sum::new(s, s), s)), names(&s.plus(s).plus(s)));
    // grouped on the right, or under a name, it is a tree
    assert_eq!(
        names(&s.plus(s.plus(s))),
        ["op_0/sigma^2", "op_1/op_0/sigma^2", "op_1/op_1/sigma^2"]
    );
    let grouped = named("pair", s.plus(s)).plus(s);
    assert_eq!(names(&grouped), ["pair/op_0/sigma^2", "pair/op_1/sigma^2", "op_1/sigma^2"]);
    // a chain inside another operator starts anew
    let v = CovariancePropagation::new(s.plus(s), s.plus(s));
    assert_eq!(names(&v)[1..3], ["op_0/op_1/sigma^2", "op_1/op_0/sigma^2"]);
}

#[test]
fn names_equal_their_text() {
    let g = named("g", DiagonalMatrix::<11>::new()).plus(ScalarMatrix::new());
    let name = g.param_names().nth(10).unwrap();
    assert_eq!(name, "g/sigma^2_10");
    assert_eq!("g/sigma^2_10", name);
    assert_ne!(name, "g/sigma^2_1");
    assert_ne!(name, "g/sigma^2_100");
    assert_ne!(name, "");
    assert_eq!(format!("{name} {name:?}"), "g/sigma^2_10 g/sigma^2_10");
    assert_eq!(
        format!("{name:<14}|{name:>14}|{name:·^15}|{name:3}"),
        "g/sigma^2_10  |  g/sigma^2_10|·g/sigma^2_10··|g/sigma^2_10"
    );
    assert_eq!(g.param_names().len(), 12);
    assert_eq!(g.param_names().next_back().unwrap(), "op_1/sigma^2");
}

#[test]
fn theta_by_name() {
    let v = CovariancePropagation::new(Z, named("g", DiagonalMatrix::<3>::new()));
    let pairs = [("g/sigma^2_2", 2.0), ("g/sigma^2_0", 0.0), ("g/sigma^2_1", 1.0)];
    assert_eq!(v.theta_by_name(&pairs), Ok([0.0, 1.0, 2.0]));

    let error = |pairs: &[(&str, f64)]| v.theta_by_name(pairs).unwrap_err().to_string();
    assert_eq!(error(&pairs[..2]), "the parameter `g/sigma^2_1` has no value");
    assert_eq!(
        error(&[pairs[0], pairs[1], pairs[0]]),
        "the parameter `g/sigma^2_2` is given twice"
    );
    assert_eq!(error(&[("g/sigma^2", 0.0)]), "there is no parameter `g/sigma^2`");
}

#[test]
fn designs_name_what_is_wrong() {
    let error = DummyMatrix::<4, 3>::try_from_indices([0, 1, 12, 0]).unwrap_err();
    assert_eq!(error, Error::LevelIndex { row: 2, index: 12, levels: 3 });
    assert_eq!(error.to_string(), "level index 12 in row 2 is out of range: 3 levels, from 0");

    let error = DummyMatrix::<4, 3>::from_labels(&["a", "b", "a", "a"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the labels have 2 distinct values, but the matrix has 3 columns, one for each level"
    );
    let error = DummyMatrix::<4, 3>::from_labels(&[3, 1, 4, 2]).unwrap_err();
    assert_eq!(error, Error::LevelCount { expected: 3, found: 4 });
    assert_eq!(
        DummyMatrix::<4, 3>::from_labels(&[30, 10, 20, 10]),
        Ok(DummyMatrix::from_indices([2, 0, 1, 0]))
    );
    assert!(DummyMatrix::<0, 0>::from_labels(&["a"; 0]).is_ok());

    let error = Levels::new(["a", "b", "a"]).unwrap_err();
    assert_eq!(error.to_string(), "the level `a` is given twice");
    let error = Z.drop_empty::<2>().unwrap_err();
    assert_eq!(error.to_string(), "3 columns contain an observation, but the result has 2 columns");
    assert_eq!(Z.drop_empty::<3>(), Ok(Z));
    assert_eq!((Z.level(3), Z.drop_first::<2>().level(3), Z.level(4)), (Some(0), None, None));
}

#[test]
fn a_long_text_keeps_its_end() {
    let unknown = |label: &str| {
        let levels = Levels::new(["short"]).unwrap();
        match DummyMatrix::from_levels(&[label], &levels) {
            Err(Error::UnknownLabel { row: 0, label }) => label,
            other => panic!("{other:?}"),
        }
    };
    let fits = "x".repeat(Text::CAPACITY);
    assert_eq!(unknown(&fits).as_str(), fits);
    let long = unknown(&(fits + "y"));
    assert_eq!(long.as_str(), "…".to_owned() + &"x".repeat(Text::CAPACITY - 4) + "y");
    // 'é' has two bytes; what is kept starts at a character in any case
    for x in ["é", "xé", "éxx"] {
        let label = x.repeat(40);
        let cut = unknown(&label);
        let kept = cut.as_str().strip_prefix('…').unwrap();
        assert!(label.ends_with(kept) && kept.len() >= Text::CAPACITY - 4);
    }
    assert_eq!(format!("{:?}", unknown("a\"b")), "\"a\\\"b\"");

    // a path is written in pieces
    let long = named(
        "a_rather_long_and_descriptive_name_of_a_block_of_the_design",
        DiagonalMatrix::<2>::new(),
    );
    let v = long.plus(ScalarMatrix::new());
    let Err(error) = v.theta_by_name(&[("op_1/sigma^2", 0.0)]) else { panic!() };
    assert!(error.to_string().ends_with("block_of_the_design/sigma^2_0` has no value"), "{error}");
}

#[test]
fn a_name_of_two_parameters_is_an_error() {
    let v = named("op_1", ScalarMatrix::<1>::new()).plus(ScalarMatrix::<1>::new());
    let error = v.theta_by_name(&[("op_1/sigma^2", 0.0)]).unwrap_err();
    assert!(matches!(error, Error::AmbiguousParameter { .. }));
}
