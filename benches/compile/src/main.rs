//! Measures how long user programs take to compile, as ratios to a program that uses nalgebra alone.
//!
//! Processor time of cargo and all that it starts, the least of several rounds. Between rounds the
//! times differ by some per cent, so that what looks worse than the baseline is measured again.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use wait4::Wait4;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Settings of a debug build of the program `debug`, whose fits are in the crate `models`.
const SETTINGS: [(&str, &[&str]); 4] = [
    ("debug", &["--config", "profile.dev.package.models.opt-level=0"]),
    (
        "optimised dependencies",
        &[
            "--config",
            "profile.dev.package.models.opt-level=0",
            "--config",
            "profile.dev.package.\"*\".opt-level=3",
        ],
    ),
    ("optimised fits", &[]),
    ("release", &["--release"]),
];
/// How many times as fast the advice of the README makes profile intervals, at least.
const ADVISED: f64 = 5.0;
/// The program whose times are measured.
const DEBUG: &str = "debug";
/// What others are compared with.
const REFERENCE: &str = "reference";
const PROGRAMS: [&str; 6] = ["operator", "panel", "mixed_model", "crossed", "filter", "deep"];
/// The arguments of cargo for each kind of build.
const BUILDS: [(&str, &[&str]); 3] =
    [("check", &["check"]), ("debug", &["build"]), ("release", &["build", "--release"])];
/// The program whose dependencies are also built.
const COLD: &str = "mixed_model";
const ROUNDS: usize = 3;
/// Further rounds for what is above its baseline.
const MORE: usize = 5;
/// A ratio fails that is so many times its baseline, unless `--tolerance` sets another limit.
const WORSE: f64 = 1.15;

#[derive(Clone, Copy)]
struct Cost {
    processor: Duration,
    wall: Duration,
    /// The most memory that one process took.
    bytes: u64,
}

impl Cost {
    fn least(self, other: Self) -> Self {
        Self {
            processor: self.processor.min(other.processor),
            wall: self.wall.min(other.wall),
            bytes: self.bytes.min(other.bytes),
        }
    }
}

type Costs = BTreeMap<(&'static str, &'static str), Cost>;

struct Measure {
    folder: PathBuf,
    target: PathBuf,
    costs: Costs,
}

impl Measure {
    /// Returns a call of cargo for a program, with the flags that a user has, whatever flags this
    /// program was built with.
    fn cargo(&self, program: &str, arguments: &[&str], target: &Path) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).args(["--quiet", "--bin", program]).arg("--target-dir").arg(target);
        match program {
            REFERENCE => {}
            DEBUG => _ = cargo.args(["--features", "models"]),
            _ => _ = cargo.args(["--features", "programs"]),
        }
        for flags in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(flags);
        }
        cargo.env("CARGO_INCREMENTAL", "0").current_dir(&self.folder).stdin(Stdio::null());
        cargo
    }

    /// Builds a program. Its dependencies may have been built before.
    fn build(&self, program: &str, arguments: &[&str], target: &Path) -> Result<Cost> {
        let mut cargo = self.cargo(program, arguments, target);
        let start = Instant::now();
        let used = cargo.spawn()?.wait4()?;
        if !used.status.success() {
            return Err(format!("{program} was not built").into());
        }
        let processor = used.rusage.utime + used.rusage.stime;
        Ok(Cost { processor, wall: start.elapsed(), bytes: used.rusage.maxrss })
    }

    /// Builds one program again, and keeps the least of all rounds.
    fn warm(
        &mut self,
        program: &'static str,
        (name, arguments): (&'static str, &[&str]),
    ) -> Result<()> {
        let source = self.folder.join("programs").join(program).with_extension("rs");
        File::open(source)?.set_times(FileTimes::new().set_modified(SystemTime::now()))?;
        let cost = self.build(program, arguments, &self.target)?;
        let least = self.costs.get(&(program, name)).map_or(cost, |before| before.least(cost));
        self.costs.insert((program, name), least);
        Ok(())
    }

    /// Builds a program and its dependencies in an empty folder.
    fn cold(
        &mut self,
        program: &'static str,
        (name, arguments): (&'static str, &[&str]),
    ) -> Result<()> {
        let empty = self.target.join("cold");
        if empty.exists() {
            fs::remove_dir_all(&empty)?;
        }
        let cost = self.build(program, arguments, &empty)?;
        self.costs.insert((program, name), cost);
        Ok(())
    }

    /// Returns the seconds of each fit of the program `debug`, the least of several runs.
    fn debug(&self, settings: &[&str]) -> Result<Vec<(String, f64)>> {
        let mut least = Vec::new();
        for _ in 0..ROUNDS {
            let mut cargo = self.cargo(DEBUG, &["run"], &self.target);
            let output = cargo.args(settings).stderr(Stdio::inherit()).output()?;
            for (i, line) in String::from_utf8(output.stdout)?.lines().enumerate() {
                let (name, seconds) = line.split_once('\t').ok_or("a line has no time")?;
                let seconds = seconds.parse::<f64>()?;
                match least.get_mut(i) {
                    None => least.push((name.to_string(), seconds)),
                    Some((_, least)) => *least = seconds.min(*least),
                }
            }
        }
        Ok(least)
    }

    fn round(&mut self, programs: &[&'static str]) -> Result<()> {
        for build in BUILDS {
            for &program in programs {
                self.warm(REFERENCE, build)?;
                self.warm(program, build)?;
            }
        }
        Ok(())
    }

    /// Returns the ratios of processor time and of memory to those of the reference.
    fn ratios(&self, program: &'static str, build: &'static str) -> Option<[f64; 2]> {
        let [own, reference] =
            [program, REFERENCE].map(|program| self.costs.get(&(program, build)));
        let (own, reference) = (own?, reference?);
        let time = own.processor.as_secs_f64() / reference.processor.as_secs_f64();
        Some([time, own.bytes as f64 / reference.bytes as f64])
    }
}

/// The ratios of time and memory, by program and build.
fn read(baseline: &Path) -> Result<BTreeMap<String, [f64; 2]>> {
    let text = fs::read_to_string(baseline)?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let ratios = lines.map(|line| {
        let mut words = line.split_whitespace();
        let mut next = || words.next().ok_or_else(|| format!("`{line}` is incomplete"));
        let name = format!("{} {}", next()?, next()?);
        Ok((name, [next()?.parse()?, next()?.parse()?]))
    });
    ratios.collect()
}

fn main() -> Result<()> {
    let (mut renew, mut worse) = (false, WORSE);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--renew" => renew = true,
            "--tolerance" => {
                let percent = arguments.next().ok_or("`--tolerance` needs a number")?;
                worse = 1.0 + percent.parse::<f64>()? / 100.0;
            }
            other => return Err(format!("`{other}` is not an option").into()),
        }
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder.join("target"), PathBuf::from);
    let mut measure = Measure { target: target.join("measured"), costs: Costs::new(), folder };
    let path = measure.folder.join("baseline");
    let baseline = if renew { BTreeMap::new() } else { read(&path)? };

    for (name, build) in [("cold_debug", BUILDS[1]), ("cold_release", BUILDS[2])] {
        for program in [REFERENCE, COLD] {
            measure.cold(program, (name, build.1))?;
        }
    }
    // The first build of each also builds the dependencies, which the least of the rounds leaves out.
    for _ in 0..=ROUNDS {
        measure.round(&PROGRAMS)?;
    }
    let is_worse = |measure: &Measure, (program, build): (&'static str, &'static str)| {
        let (Some(now), Some(before)) =
            (measure.ratios(program, build), baseline.get(&format!("{program} {build}")))
        else {
            return !renew;
        };
        now.iter().zip(before).any(|(now, before)| *now > before * worse)
    };
    for _ in 0..MORE {
        let again: Vec<_> = PROGRAMS
            .into_iter()
            .filter(|program| BUILDS.iter().any(|build| is_worse(&measure, (program, build.0))))
            .collect();
        if renew || again.is_empty() {
            break;
        }
        measure.round(&again)?;
    }

    println!(
        "program      build         seconds  elapsed     MB | ratios: time  memory | baseline"
    );
    let (mut failures, mut lines) = (0, Vec::new());
    for (&(program, build), cost) in &measure.costs {
        let Some([time, memory]) = measure.ratios(program, build).filter(|_| program != REFERENCE)
        else {
            continue;
        };
        let before = baseline
            .get(&format!("{program} {build}"))
            .map_or_else(String::new, |[time, memory]| format!("{time:.2} {memory:.2}"));
        let failed = is_worse(&measure, (program, build));
        failures += usize::from(failed);
        println!(
            "{program:12} {build:12} {:8.2} {:8.2} {:6} | {time:12.2} {memory:7.2} | {before}{}",
            cost.processor.as_secs_f64(),
            cost.wall.as_secs_f64(),
            cost.bytes / 1_000_000,
            if failed { "  FAILED" } else { "" },
        );
        lines.push(format!("{program} {build} {time:.2} {memory:.2}\n"));
    }
    if renew {
        fs::write(
            &path,
            format!(
                "# program, build, ratio of processor time, ratio of memory\n{}",
                lines.concat()
            ),
        )?;
    }
    println!("\nmilliseconds of fits, with the fits in a crate of their own");
    let mut profiles = Vec::new();
    for (name, settings) in SETTINGS {
        let times = measure.debug(settings)?;
        let columns = times.iter().map(|(of, seconds)| format!("{of} {:.3}", 1e3 * seconds));
        println!("{name:24} {}", columns.collect::<Vec<_>>().join(", "));
        profiles.extend(times.last().map(|(_, seconds)| *seconds));
    }
    let gain =
        profiles.first().zip(profiles.get(2)).map_or(0.0, |(debug, advised)| debug / advised);
    if gain < ADVISED {
        return Err(format!("optimised fits are only {gain:.1} times as fast").into());
    }
    if failures > 0 {
        let percent = 100.0 * (worse - 1.0);
        return Err(
            format!("{failures} builds are more than {percent:.0} % above their baseline").into()
        );
    }
    Ok(())
}
