//! The README is short, its first example is the one in `examples`, and what it points to is there.

use std::fs;
use std::path::Path;

const MOST_LINES: usize = 170;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn first_example_is_a_file() {
    let (readme, example) = (file("README.md"), file("examples/covariance_propagation.rs"));
    let (_, program) = example.split_once("\n\n").unwrap();
    let first = readme.split("```rust\n").nth(1).unwrap();
    assert!(first.starts_with(program), "{program}");
}

#[test]
fn is_read_in_ten_minutes() {
    let lines = file("README.md").lines().count();
    assert!(lines <= MOST_LINES, "{lines} lines");
}

/// Links are files, and so are the examples and the items of the table.
#[test]
fn what_it_names_is_there() {
    let readme = file("README.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let links: Vec<&str> =
        readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 8, "{links:?}");
    for link in links.into_iter().filter(|link| !link.starts_with("http")) {
        assert!(root.join(link).exists(), "{link}");
    }
    let (mut count, table) = (0, readme.split("## Where to go next").nth(1).unwrap());
    for name in table.split('`').skip(1).step_by(2) {
        let name = name.trim_start_matches("examples/");
        if name.strip_suffix(".rs").is_some() {
            assert!(root.join("examples").join(name).exists(), "{name}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count} examples");
}
