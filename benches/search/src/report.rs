//! What is printed.

use std::collections::BTreeMap;

use crate::scenario::Scenario;
use crate::study::STEPS;
use crate::tally::{Finding, Start, Tally, Wrong, at_least, quantile};

/// Shares of fits at the best point known, from the default start and from random ones.
const GOALS: (f64, f64) = (0.999, 0.99);
/// How improbable misses of a goal are that count, over all model shapes.
const SIGNIFICANT: f64 = 0.01;
/// Findings of each kind that are listed.
const LISTED: usize = 2;

/// Prints the head of the table.
pub fn head() {
    println!(
        "| model | best point, default start | best point, random starts | or a local maximum | honest | false claims | steps: median, 99 %, most | limits | not identified, too many steps, stalled, errors | time of a fit |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// Prints a line of the table.
pub fn row(scenario: &Scenario, tally: &Tally) {
    let (default, random) = (&tally.default, &tally.random);
    let fits = default.count + random.count;
    let mut steps = tally.steps.clone();
    steps.sort_unstable();
    let mut seconds = tally.seconds.clone();
    seconds.sort_by(f64::total_cmp);
    let unclaimed: Vec<String> =
        (0..4).map(|k| (default.unclaimed[k] + random.unclaimed[k]).to_string()).collect();
    println!(
        "| {} | {} | {} | {} | {} | {} | {}, {}, {} | {} | {} | {:.0} µs |",
        scenario.name,
        percent(default.right, default.count),
        percent(random.right, random.count),
        if scenario.several { percent(random.right_or_local, random.count) } else { String::new() },
        percent(default.honest + random.honest, fits),
        default.false_claims + random.false_claims,
        quantile(&steps, 0.5),
        quantile(&steps, 0.99),
        steps.last().copied().unwrap_or(0),
        percent(default.limits + random.limits, fits),
        unclaimed.join(", "),
        1e6 * quantile(&seconds, 0.5),
    );
}

/// Returns the goals that are missed, by more than sampling explains.
pub fn misses(scenario: &Scenario, tally: &Tally, scenarios: usize) -> Vec<String> {
    let name = scenario.name;
    let mut misses = Vec::new();
    let (default, random) = (&tally.default, &tally.random);
    let claims = default.false_claims + random.false_claims;
    if claims > 0 {
        misses.push(format!("{name}: {claims} false claims"));
    }
    let level = SIGNIFICANT / scenarios as f64;
    let lower = default.count - default.right;
    if at_least(lower, default.count, 1.0 - GOALS.0) < level {
        misses
            .push(format!("{name}: {lower} of {} from the default start are lower", default.count));
    }
    let right = if scenario.several { random.right_or_local } else { random.right };
    let lower = random.count - right;
    if at_least(lower, random.count, 1.0 - GOALS.1) < level {
        misses.push(format!("{name}: {lower} of {} from random starts are lower", random.count));
    }
    let slow = tally.steps.iter().filter(|&&steps| steps > STEPS).count();
    if slow > 0 {
        misses.push(format!("{name}: {slow} fits take more than {STEPS} steps"));
    }
    misses
}

/// Prints findings, the most frequent kinds first: the first ones, or all.
pub fn findings(scenario: &Scenario, tally: &Tally, all: bool) {
    let mut kinds: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &tally.findings {
        kinds.entry(finding.wrong.kind()).or_default().push(finding);
    }
    if tally.slow_is_higher > 0 {
        println!("\n{}: {} slow searches end above every fit", scenario.name, tally.slow_is_higher);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, findings)| std::cmp::Reverse(findings.len()));
    for (kind, mut findings) in kinds {
        let from_default =
            findings.iter().filter(|finding| matches!(finding.start, Start::Default)).count();
        let count = findings.len();
        println!(
            "\n{}: {kind}, {count} times, {from_default} from the default start",
            scenario.name
        );
        findings.sort_by_key(|finding| !matches!(finding.start, Start::Default));
        let listed = if all { usize::MAX } else { LISTED };
        for finding in findings.into_iter().take(listed) {
            print(finding);
        }
    }
}

fn print(finding: &Finding) {
    print!("  data set {}, ", finding.data_set);
    match &finding.start {
        Start::Default => print!("default start"),
        Start::At(theta) => print!("start {theta:?}"),
    }
    if let Some(fitted) = &finding.fitted {
        let below = finding.best - fitted.log_likelihood;
        println!(": {:?} after {} steps", fitted.end, fitted.iterations);
        println!("    ℓ {}, best {}, below by {below:.3e}", fitted.log_likelihood, finding.best);
        println!("    θ {:?}", fitted.theta);
    }
    match &finding.wrong {
        Wrong::FalseClaim(rise) | Wrong::NoRidge(Some(rise)) => {
            println!("    higher by {:.3e} at {:?} ({})", rise.height, rise.theta, rise.way);
        }
        Wrong::NoRidge(None) => println!("    ℓ falls on both sides"),
        Wrong::Failed(error) => println!(": {error}"),
        _ => {}
    }
}
