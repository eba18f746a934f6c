//! Several fits as one, whose log-likelihoods add up.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Case, all_cases};
use crate::fits::{number, numbers};

/// Joins the parts of a case that share nothing: β, the parameters and the subjects are those of the
/// first part, followed by those of the second. The parameters of part i have the prefix `i/`.
pub(super) fn read_joint(name: &str, parts: [&str; 2]) -> Case {
    let parts = parts.map(Case::read);
    let (_, joint) = all_cases();
    let criteria = parts[0].exact.keys().cloned();
    let exact = criteria.map(|criterion| {
        let both = parts.each_ref().map(|part| &part.exact[&criterion]);
        let mut exact = join(both);
        exact["loglik"] = joint[name][&criterion]["loglik"].clone();
        let order = both.map(|part| part["information_order"].as_array().unwrap());
        exact["information_order"] = order
            .iter()
            .enumerate()
            .flat_map(|(i, names)| {
                names.iter().map(move |name| prefixed(i, name.as_str().unwrap()))
            })
            .collect();
        for kind in ["observed_information", "expected_information", "vcov_beta"] {
            exact[kind] = diagonal_blocks(both.map(|part| &part[kind]));
        }
        for key in ["satterthwaite_df", "satterthwaite_df_expected_information"] {
            exact[key] = concatenated(both, key);
        }
        let points = both.map(|part| &part["evaluations"][0]);
        let mut point = join(points);
        point["score"] = concatenated(points, "score");
        exact["evaluations"] = json!([point]);
        (criterion, exact)
    });
    let exact: BTreeMap<String, Value> = exact.collect();

    let count = parts.each_ref().map(|part| part.column("y").len());
    let fixed = parts.each_ref().map(columns_of_x);
    let subjects = parts[0].rows().len() as f64;
    let mut columns = BTreeMap::new();
    let group = parts[0].subject.clone().unwrap();
    let joined = |name: &str, shift: f64| {
        let second = parts[1].column(name).iter().map(|x| x + shift);
        parts[0].column(name).iter().copied().chain(second).collect::<Vec<_>>()
    };
    let _ = columns.insert("y".to_owned(), joined("y", 0.0));
    let _ = columns.insert(group.clone(), joined(&group, subjects));
    let part = [vec![0.0; count[0]], vec![1.0; count[1]]].concat();
    let _ = columns.insert("part".to_owned(), part);
    for j in 0..fixed[0] {
        let column = [parts[0].column(&format!("x{j}")), &vec![0.0; count[1]][..]].concat();
        let _ = columns.insert(format!("x{j}"), column);
    }
    for j in 0..fixed[1] {
        let column = [&vec![0.0; count[0]][..], parts[1].column(&format!("x{j}"))].concat();
        let _ = columns.insert(format!("x{}", fixed[0] + j), column);
    }
    Case { name: name.to_owned(), exact, columns, subject: Some(group), starts_near: false }
}

fn columns_of_x(case: &Case) -> usize {
    case.columns.keys().filter(|name| name.starts_with('x')).count()
}

fn prefixed(part: usize, name: &str) -> String {
    format!("{part}/{name}")
}

fn concatenated(parts: [&Value; 2], key: &str) -> Value {
    json!(parts.map(|part| numbers(&part[key])).concat())
}

/// Joins the log-likelihoods, parameters and fixed effects of two parts.
fn join(parts: [&Value; 2]) -> Value {
    let mut components = Map::new();
    for (i, part) in parts.iter().enumerate() {
        for (name, value) in part["varcomp"].as_object().unwrap() {
            let _ = components.insert(prefixed(i, name), value.clone());
        }
    }
    json!({
        "loglik": parts.iter().map(|part| number(&part["loglik"])).sum::<f64>(),
        "varcomp": components,
        "beta": concatenated(parts, "beta"),
        "se": concatenated(parts, "se"),
    })
}

/// Returns the block diagonal matrix of two square matrices.
fn diagonal_blocks(parts: [&Value; 2]) -> Value {
    let [first, second] =
        parts.map(|part| part.as_array().unwrap().iter().map(numbers).collect::<Vec<_>>());
    let (before, after) = (vec![0.0; first.len()], vec![0.0; second.len()]);
    let rows = first.iter().map(|row| [row.as_slice(), &after].concat());
    let rows = rows.chain(second.iter().map(|row| [before.as_slice(), row].concat()));
    json!(rows.collect::<Vec<_>>())
}
