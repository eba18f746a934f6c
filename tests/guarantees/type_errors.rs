//! Wrong sizes are type errors, with the sizes in plain numbers.
//!
//! Each program in `tests/rejected` has a twin in `tests/accepted` that differs in one line, so that
//! a program cannot be rejected for another reason than the one it is there for. The expected
//! messages stand beside the rejected programs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The compiler whose messages were recorded.
const RECORDED: &str = "rustc 1.95";

fn programs(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    programs.sort();
    programs
}

#[test]
fn twins_differ_in_one_line() {
    let (rejected, accepted) = (programs("rejected", "rs"), programs("accepted", "rs"));
    assert_eq!(rejected.len(), accepted.len());
    for ((rejected, wrong), (accepted, right)) in rejected.iter().zip(&accepted) {
        assert_eq!(rejected.file_name(), accepted.file_name());
        assert_eq!(wrong.lines().count(), right.lines().count(), "{}", rejected.display());
        let different = wrong.lines().zip(right.lines()).filter(|(a, b)| a != b).count();
        assert_eq!(different, 1, "{}", rejected.display());
    }
}

#[test]
fn one_mistake_is_one_error_in_plain_numbers() {
    let messages = programs("rejected", "stderr");
    assert_eq!(messages.len(), programs("rejected", "rs").len());
    for (path, message) in messages {
        let errors = message.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 1, "{}", path.display());
        assert!(!message.contains("UInt<"), "{}", path.display());
        // The headline or the label: what stands before the notes.
        let head = message.split("\n  = ").next().unwrap().split("\nnote:").next().unwrap();
        // A generic size has a name.
        let size = if path.ends_with("generic_size.stderr") { "Const<N>" } else { "" };
        let sized = |line: &str| {
            line.contains(|c: char| c.is_ascii_digit()) || !size.is_empty() && line.contains(size)
        };
        let found = head.lines().any(|line| {
            ["found", "pattern requires", "out of range", "takes at least", "cannot count"]
                .iter()
                .any(|word| line.contains(word) && sized(line))
        });
        assert!(found, "no sizes in {}:\n{head}", path.display());
    }
}

/// What the README shows is what was recorded, but for the place.
#[test]
fn readme_shows_what_the_compiler_prints() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let recorded = programs("rejected", "stderr");
    let shown = readme.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut count = 0;
    for block in shown.filter(|block| block.starts_with("error[")) {
        let lines = || block.lines().filter(|line| !line.starts_with(" --> "));
        let is_head = |message: &str| {
            let message = message.lines().filter(|line| !line.starts_with(" --> "));
            message.take(lines().count()).eq(lines())
        };
        assert!(recorded.iter().any(|(_, message)| is_head(message)), "not recorded:\n{block}");
        count += 1;
    }
    assert_eq!(count, 1);
}

#[test]
fn rejected_programs_fail_as_recorded() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    if version.starts_with(RECORDED) {
        trybuild::TestCases::new().compile_fail("tests/rejected/*.rs");
    } else {
        eprintln!("messages not compared: they are those of {RECORDED}, this is {version}");
    }
}

/// The accepted programs as modules of this one: compiled once and together, and run.
macro_rules! accepted {
    ($($name:ident)*) => {
        $(
            mod $name {
                include!(concat!("../accepted/", stringify!($name), ".rs"));

                #[test]
                fn runs() {
                    main();
                }
            }
        )*

        #[test]
        fn all_that_are_accepted_run() {
            let names = [$(concat!("accepted/", stringify!($name), ".rs")),*];
            for (path, _) in programs("accepted", "rs") {
                assert!(names.iter().any(|name| path.ends_with(name)), "{} does not", path.display());
            }
        }
    };
}

accepted! {
    adapter
    augment
    block_diagonal
    constrained
    constrained_theta
    crossed
    drop_first
    g_not_square
    generic_size
    gradient_length
    gradient_of_fixed
    gram
    hadamard
    inverse
    kronecker
    labels
    level
    mixed_model
    one_variable
    outer_gram
    panel
    places
    plus
    product
    stack
    state_space
    sum
    theta_long
    theta_short
    too_many_parameters
    transpose
    triangle
    value_size
    vector
    weights
    z_and_g
}
