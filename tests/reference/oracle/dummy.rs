//! One-hot designs, against `dummy.json`.

use core::fmt::Display;
use std::collections::BTreeMap;

use covprop::Error;
use covprop::prelude::*;
use covprop::structure::{CrossedLabel, Levels};
use serde_json::Value;

use super::{list, matrix, read};

const F: [&str; 6] = ["b", "a", "c", "a", "b", "c"];
const G: [&str; 6] = ["y", "x", "y", "y", "y", "x"];

struct Designs(BTreeMap<String, Value>);

impl Designs {
    /// The matrix and the column labels.
    fn check<L: Display, const N: usize, const Q: usize>(
        &mut self,
        name: &str,
        z: &DummyMatrix<N, Q>,
        columns: impl IntoIterator<Item = L>,
    ) {
        let case = self.0.remove(name).unwrap_or_else(|| panic!("no case {name}"));
        let value: SMatrix<f64, N, Q> = z.value(&[0.0; 0]);
        assert_eq!(value, matrix::<N, Q>(&case["points"][0]["value"]), "{name}");
        let columns: Vec<String> = columns.into_iter().map(|label| label.to_string()).collect();
        let expected: Vec<_> =
            list(&case, "colnames").iter().map(|c| c.as_str().unwrap()).collect();
        assert_eq!(columns, expected, "{name}");
    }
}

/// The labels of the columns that hold an observation.
fn kept<L, const N: usize, const Q: usize>(
    z: &DummyMatrix<N, Q>,
    labels: impl Iterator<Item = L>,
) -> Vec<L> {
    let kept = z.counts().into_iter().zip(labels).filter(|&(count, _)| count > 0);
    kept.map(|(_, label)| label).collect()
}

#[test]
fn designs() -> Result<(), Error> {
    let file = read("dummy");
    let cases = list(&file, "cases").iter();
    let mut cases = Designs(
        cases.map(|case| (case["name"].as_str().unwrap().to_owned(), case.clone())).collect(),
    );

    let z = DummyMatrix::<6, 3>::from_labels(&F)?;
    let levels = Levels::<_, 3>::from_labels(&F)?;
    cases.check("dummy_plain", &z, levels.labels());
    cases.check("dummy_levels_lex", &z, levels.labels());
    cases.check("dummy_drop_first", &z.drop_first::<2>(), &levels.labels()[1..]);

    let given = Levels::new(["c", "b", "a"])?;
    let z_given = DummyMatrix::from_levels(&F, &given)?;
    cases.check("dummy_levels_given_order", &z_given, given.labels());
    let dropped = z_given.drop_first::<2>();
    cases.check("dummy_levels_given_order_drop_first", &dropped, &given.labels()[1..]);

    let extra = Levels::new(["a", "b", "c", "zz"])?;
    let z_extra = DummyMatrix::from_levels(&F, &extra)?;
    cases.check("dummy_extra_level", &z_extra, extra.labels());
    let columns = kept(&z_extra, extra.labels().iter());
    cases.check("dummy_extra_level_drop_empty", &z_extra.drop_empty::<3>()?, columns);

    let levels_g = Levels::<_, 2>::from_labels(&G)?;
    let z_g = DummyMatrix::<6, 2>::from_labels(&G)?;
    let both: DummyMatrix<6, 6> = z.crossed(&z_g);
    cases.check("dummy_two_factor", &both, levels.crossed(&levels_g));
    let columns = kept(&both, levels.crossed(&levels_g));
    cases.check("dummy_two_factor_drop_empty", &both.drop_empty::<5>()?, columns);
    let first: DummyMatrix<6, 5> = both.drop_first();
    let columns = kept(&first, levels.crossed(&levels_g).skip(1));
    cases.check("dummy_two_factor_drop_first_empty", &first.drop_empty::<4>()?, columns);

    let given = (Levels::new(["c", "a", "b"])?, Levels::new(["y", "x", "z"])?);
    let both: DummyMatrix<6, 9> =
        DummyMatrix::from_levels(&F, &given.0)?.crossed(&DummyMatrix::from_levels(&G, &given.1)?);
    cases.check("dummy_two_factor_levels", &both, given.0.crossed(&given.1));
    let first: DummyMatrix<6, 8> = both.drop_first();
    let columns = kept(&first, given.0.crossed(&given.1).skip(1));
    cases.check("dummy_two_factor_levels_drop", &first.drop_empty::<4>()?, columns);

    let sorted = (Levels::new(["a", "b", "c"])?, Levels::new(["x", "y", "z"])?);
    let both: DummyMatrix<6, 9> =
        DummyMatrix::from_levels(&F, &sorted.0)?.crossed(&DummyMatrix::from_levels(&G, &sorted.1)?);
    cases.check("dummy_two_factor_levels_lex", &both, sorted.0.crossed(&sorted.1));

    let f = ["b", "a", "c", "a"];
    let (g, h) = (["y", "x", "y", "y"], ["p", "q", "q", "p"]);
    let levels = Levels::<_, 3>::from_labels(&f)?;
    let (levels_g, levels_h) = (Levels::<_, 2>::from_labels(&g)?, Levels::<_, 2>::from_labels(&h)?);
    let two: DummyMatrix<4, 6> =
        DummyMatrix::<4, 3>::from_labels(&f)?.crossed(&DummyMatrix::<4, 2>::from_labels(&g)?);
    let three: DummyMatrix<4, 12> = two.crossed(&DummyMatrix::<4, 2>::from_labels(&h)?);
    let columns = levels.crossed(&levels_g).flat_map(|label| {
        levels_h
            .labels()
            .iter()
            .map(move |h| CrossedLabel(&label, h).to_string())
            .collect::<Vec<_>>()
    });
    cases.check("dummy_three_factor", &three, columns);

    // The reference warns and leaves a row of zeros; here the label is an error.
    assert!(cases.0.remove("dummy_missing_level_row_zero").is_some());
    let error = DummyMatrix::from_levels(&F, &Levels::new(["c", "b"])?).unwrap_err();
    assert_eq!(error.to_string(), "the label `a` of row 1 is not among the levels");

    assert!(cases.0.is_empty(), "{:?}", cases.0.keys());
    Ok(())
}
