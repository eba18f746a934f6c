//! Many fits by SQL: the bits of a serial loop, and errors as values.

mod common;

use covprop::prelude::*;
use covprop::reml::HeapPanel;
use covprop_datafusion::{fits, fits_by_subject};
use datafusion::error::Result;
use datafusion::prelude::*;

use common::{
    Child, N, Numbers, TIMES, children, context, growth, line, numbers, of_estimation, shuffled,
};

const QUERY: &str =
    "SELECT g, fit_growth(array_agg(struct(subject, x, y))) FROM children GROUP BY g";

fn vectors(child: &Child) -> (SVector<f64, N>, [bool; N]) {
    let y = SVector::from_fn(|i, _| child.y[i].unwrap_or(0.0));
    (y, child.y.map(|y| y.is_some()))
}

/// The fits of each group by a loop over its children in order, with the type of panel that fits
/// the number of sets of visits.
fn by_loop(list: &[Child]) -> Vec<Numbers> {
    let of_group = |children: &[Child]| {
        if children.iter().all(|child| child.y.iter().all(Option::is_some)) {
            let mut panel = Panel::<_, f64, N, 2>::new(growth(&TIMES));
            for child in children {
                panel.push(&line(&child.x), &vectors(child).0).unwrap();
            }
            return of_estimation(children[0].group, &panel.estimation().unwrap());
        }
        let mut panel = HeapPanel::new(growth(&TIMES));
        for child in children {
            let (y, observed) = vectors(child);
            panel.push_observed(&line(&child.x), &y, &observed).unwrap();
        }
        of_estimation(children[0].group, &panel.estimation().unwrap())
    };
    list.chunk_by(|a, b| a.group == b.group).map(of_group).collect()
}

fn by_loop_over_subjects(list: &[Child]) -> Vec<Numbers> {
    let of_group = |children: &[Child]| {
        let subject = |child: &Child| {
            let (y, observed) = vectors(child);
            Subject::new(growth(&child.x), line(&child.x), y).with_observed(observed)
        };
        let subjects: Vec<_> = children.iter().map(subject).collect();
        let subjects = Subjects::new(&subjects[..]).unwrap();
        of_estimation(children[0].group, &subjects.estimation().unwrap())
    };
    list.chunk_by(|a, b| a.group == b.group).map(of_group).collect()
}

/// Any order, number of partitions and size of batches gives the bits of the loop.
#[tokio::test(flavor = "multi_thread")]
async fn bits_of_a_loop() -> Result<()> {
    let list = children(30, 12, 0.0);
    let expected = by_loop(&list);
    assert!(expected.iter().all(|fit| fit.outcome.is_some()));
    for (seed, partitions, batch_size) in
        [(1, 1, 8192), (2, 2, 8192), (3, 3, 7), (4, 4, 1), (5, 8, 64), (6, 8, 2)]
    {
        let context = context(&shuffled(list.clone(), seed), partitions, batch_size)?;
        context.register_udf(fits("fit_growth", growth(&TIMES), line));
        for (found, expected) in numbers(&context, QUERY).await?.iter().zip(&expected) {
            assert_eq!(found, expected, "{partitions} {batch_size}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bits_of_a_loop_with_own_times() -> Result<()> {
    let list = children(20, 12, 0.7);
    let expected = by_loop_over_subjects(&list);
    for (seed, partitions, batch_size) in [(1, 1, 8192), (2, 4, 3)] {
        let context = context(&shuffled(list.clone(), seed), partitions, batch_size)?;
        context.register_udf(fits_by_subject("fit_growth", growth, line));
        assert_eq!(numbers(&context, QUERY).await?, expected);
    }
    Ok(())
}

async fn one_fit(rows: &str) -> Result<Numbers> {
    let context = SessionContext::new();
    context.register_udf(fits("fit_growth", growth(&TIMES), line));
    let query = format!(
        "SELECT 0, fit_growth(array_agg(struct(subject, x, y))) FROM (VALUES {rows}) AS t(subject, x, y)"
    );
    Ok(numbers(&context, &query).await?.remove(0))
}

/// A group that cannot be fitted is a value that says why, and names the subject.
#[tokio::test]
async fn errors_are_values() -> Result<()> {
    let good =
        "('a', [0, 1, 2, 3], [1.0, 2.5, 3.0, 3.9]), ('b', [0, 1, 2, 3], [0.0, 1.5, 2.7, 2.9])";
    for (row, expected) in [
        ("('a', [0, 1, 2, 3], [1.0, 2.0, 3.0, 4.0])", "subject a: occurs more than once"),
        ("('c', [0, 1, 2], [1.0, 2.0, 3.0, 4.0])", "subject c: x has 3 values and y has 4"),
        (
            "('c', [0, 1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0, 5.0])",
            "subject c: there are 5 visits, but the model has 4",
        ),
        (
            "('c', [0, NULL, 2, 3], [1.0, 2.0, 3.0, 4.0])",
            "subject c: x of visit 1 is null, but y is not",
        ),
        (
            "('c', [0, 1, 2, 3], [1.0, 'NaN'::double, 3.0, 4.0])",
            "subject c: observation 1 is not finite, or its square overflows",
        ),
        ("(NULL, [0, 1, 2, 3], [1.0, 2.0, 3.0, 4.0])", "a subject is null"),
    ] {
        let found = one_fit(&format!("{good}, {row}")).await?;
        assert_eq!(found.error.as_deref(), Some(expected));
        assert!(found.outcome.is_none() && found.bits.iter().all(Option::is_none));
    }
    // Too few subjects are no error of a subject.
    let found = one_fit("('a', [0], [1.0])").await?;
    assert!(found.outcome.is_none() && found.error.is_some(), "{found:?}");
    // Missing visits: null, or after the end of the lists
    let rows =
        "('c', [0, 1, NULL], [1.0, NULL, NULL]), ('d', [0, 1, 2, 3], NULL), ('e', NULL, NULL)";
    let found = one_fit(&format!("{good}, {rows}")).await?;
    assert_eq!((found.error, found.outcome.is_some()), (None, true));
    Ok(())
}

/// Wrong arguments are errors before the query runs.
#[tokio::test]
async fn wrong_types() {
    let context = SessionContext::new();
    context.register_udf(fits("fit_growth", growth(&TIMES), line));
    for (argument, expected) in [
        (
            "1.5",
            "fit_growth: the argument must be a list of structs of subject, x and y, but is Float64",
        ),
        (
            "[struct(1, 2)]",
            "fit_growth: the argument must be a list of structs of subject, x and y, but is",
        ),
        ("[struct(1, 'a', [2.0])]", "fit_growth: x must be a list of numbers, but is Utf8"),
        ("[1.0], 2", "fit_growth has one argument"),
    ] {
        let query = format!("SELECT fit_growth({argument})");
        let error = match context.sql(&query).await {
            Ok(plan) => plan.collect().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// Null lists, and lists in a column of another type of list or number.
#[tokio::test]
async fn other_types_of_columns() -> Result<()> {
    let context = SessionContext::new();
    context.register_udf(fits("fit_growth", growth(&TIMES), line));
    let fits = numbers(
        &context,
        "SELECT g, fit_growth(subjects) FROM (VALUES (1, NULL), (2, [struct(1, [0, 1, 2], [1, 2, 3]),
         struct(2, [0, 1, 2], [2, 2, 3]), struct(3, [0, 1, 2], [2, 3, 5])])) AS t(g, subjects)",
    )
    .await?;
    assert_eq!((fits[0].outcome.clone(), fits[0].error.clone()), (None, None));
    assert_eq!(fits[1].error, None);
    Ok(())
}
