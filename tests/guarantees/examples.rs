//! What the examples share: which files they refuse and what they say, and how they compare numbers.
//! The examples themselves are short enough to be read at once.

#[path = "../../examples/common/mod.rs"]
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::data::{finite, finite_or_missing, root, within};
use common::{Comparison, Rows, Subject, compare, ensure};
use serde::Deserialize;

/// The most lines of an example, and of a program for a microcontroller.
const MOST_LINES: usize = 120;
const MOST_FIRMWARE_LINES: usize = 60;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(deserialize_with = "finite")]
    reaction: f64,
    days: u8,
    subject: String,
}

const GOOD: &str = "Reaction,Days,Subject\n249.56,0,308\n258.7,1,308\n222.73,0,309\n";

/// A file of the test `name`.
fn file(name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.csv"));
    fs::write(&path, text).unwrap();
    path
}

/// The sentence of the error for a file, after its path.
fn refusal<R: serde::de::DeserializeOwned>(name: &str, text: impl AsRef<[u8]>) -> String {
    let path = file(name, text);
    let error = Rows::<R>::read(&path).err().expect("the file is wrong").to_string();
    error.strip_prefix(&format!("{}: ", path.display())).expect("the path").to_string()
}

fn subjects(name: &str, text: &str) -> common::Result<Vec<Subject<u8, 2>>> {
    let rows = Rows::<Row>::read(&file(name, text))?;
    rows.subjects(&[0, 1], |row| (&row.subject, 0, row.days, row.reaction))
}

#[test]
fn subjects_with_missed_visits() {
    let subjects = subjects("good", GOOD).unwrap();
    let found: Vec<_> = subjects.iter().map(|s| (s.id.as_str(), s.y(), s.observed())).collect();
    let expected = [
        ("308", [249.56, 258.7].into(), [true, true]),
        ("309", [222.73, 0.0].into(), [true, false]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn columns_are_found_by_name() {
    let text = "\u{feff}Subject, Note ,Days,Reaction\n 308 ,late, 1 , 250\n";
    let rows = Rows::<Row>::read(&file("order", text)).unwrap();
    let row = rows.iter().next().unwrap();
    assert_eq!((row.reaction, row.days, row.subject.as_str()), (250.0, 1, "308"));
}

#[test]
fn no_file() {
    let error = Rows::<Row>::read(Path::new("no/such.csv")).err().unwrap();
    assert!(error.to_string().starts_with("no/such.csv: No such file"), "{error}");
    // `main` prints the `Debug` form.
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn empty_file() {
    for (name, text) in [("empty", ""), ("blank", "\n\n")] {
        assert_eq!(
            refusal::<Row>(name, text),
            "the file is empty; its first line must be a header with the columns Reaction, Days, \
             Subject"
        );
    }
    let header = refusal::<Row>("header_alone", "Reaction,Days,Subject\n");
    assert_eq!(header, "there are no rows after the header");
}

#[test]
fn no_header() {
    assert_eq!(
        refusal::<Row>("no_header", "249.56,0,308\n258.7,1,308\n"),
        "line 1: `249.56,0,308` is not a header with the columns Reaction, Days, Subject"
    );
}

#[test]
fn wrong_column() {
    assert_eq!(
        refusal::<Row>("wrong_column", GOOD.replace("Days", "Day")),
        "line 1: `Reaction,Day,Subject` has no column `Days`; the header must have Reaction, Days, \
         Subject"
    );
    assert_eq!(
        refusal::<Row>("two_columns", GOOD.replace("Subject", "Days")),
        "line 1: `Reaction,Days,Days` has no column `Subject`; the header must have Reaction, \
         Days, Subject"
    );
    assert_eq!(
        refusal::<Row>("twice", "Reaction,Days,Subject,Days\n249.56,0,308,0\n"),
        "line 1: `Reaction,Days,Subject,Days` has the column `Days` twice"
    );
}

#[test]
fn wrong_fields() {
    let wrong = |name, from, to| refusal::<Row>(name, GOOD.replace(from, to));
    let number = wrong("number", "258.7", "slow");
    assert_eq!(number, "line 3: column `Reaction`: `slow` is not a number");
    let infinite = wrong("infinite", "258.7", "inf");
    assert_eq!(infinite, "line 3: `inf` is not a finite number");
    let whole = wrong("whole", "7,1", "7,1.5");
    assert_eq!(whole, "line 3: column `Days`: `1.5` is not a whole number, 0 or more");
    let fields = wrong("fields", "7,1,308", "7,1");
    assert_eq!(fields, "line 3: 2 fields; the header has 3");
    let text = refusal::<Row>("latin", b"Reaction,Days,Subject\n249.56,0,J\xfcrgen\n");
    assert_eq!(text, "line 2: the text is not UTF-8");
}

#[test]
fn wrong_visits() {
    let wrong = |name, from, to| {
        let error = subjects(name, &GOOD.replace(from, to)).err().unwrap().to_string();
        error.split_once(".csv: ").unwrap().1.to_string()
    };
    assert_eq!(wrong("outside", "7,1", "7,2"), "line 3: 2 is not one of [0, 1]");
    let second = wrong("second", "7,1", "7,0");
    assert_eq!(second, "line 3: a second row of subject `308` at 0");
    assert_eq!(wrong("nameless", "3,0,309", "3,0,"), "line 4: the subject has no name");
    let apart = wrong("apart", "309\n", "309\n250,1,308\n");
    assert_eq!(apart, "line 5: the rows of subject `308` must follow each other");
}

#[test]
fn groups() {
    #[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
    enum Sex {
        Female,
        Male,
    }
    #[derive(Deserialize)]
    struct Child {
        subject: String,
        sex: Sex,
        #[serde(deserialize_with = "within::<_, 1, 2>")]
        visit: usize,
        #[serde(deserialize_with = "finite_or_missing")]
        distance: Option<f64>,
    }
    let header = "subject,sex,visit,distance\n";
    let rows = Rows::<Child>::read(&file("missing", format!("{header}F1,Female,1,NA\n"))).unwrap();
    let children: Vec<Subject<Sex, 2>> =
        rows.subjects(&[1, 2], |row| (&row.subject, row.sex, row.visit, row.distance)).unwrap();
    assert_eq!((children[0].group, children[0].observed()), (Sex::Female, [false; 2]));

    let wrong = |name, row: &str| refusal::<Child>(name, format!("{header}{row}\n"));
    let sex = wrong("sex", "F1,girl,1,26");
    assert_eq!(sex, "line 2: unknown variant `girl`, expected `Female` or `Male`");
    let visit = wrong("visit", "F1,Female,3,26");
    assert_eq!(visit, "line 2: `3` is not a whole number from 1 to 2");
    let distance = wrong("distance", "F1,Female,1,far");
    assert_eq!(distance, "line 2: `far` is neither a finite number nor `NA`");

    let both = file("both", format!("{header}M1,Male,1,26\nM1,Female,2,27\n"));
    let rows = Rows::<Child>::read(&both).unwrap();
    let children: common::Result<Vec<Subject<Sex, 2>>> =
        rows.subjects(&[1, 2], |row| (&row.subject, row.sex, row.visit, row.distance));
    let error = children.err().unwrap().to_string();
    assert!(error.ends_with("both.csv: line 3: subject `M1` is Female here and Male above"));
    let error = rows.exactly::<3>().err().unwrap().to_string();
    assert!(error.ends_with("both.csv: there are 2 rows after the header; there must be 3"));
}

#[test]
fn comparisons() {
    compare("lme4", Comparison::list(0.1, [("σ²", 1.05, 1.0)])).unwrap();
    let error = compare("lme4", [("σ²", 1.5, 1.0, 0.1)]).unwrap_err().to_string();
    assert_eq!(error, "σ² is 1.5, not 1 ± 0.1 (lme4)");
    assert!(compare("lme4", [("σ²", f64::NAN, 1.0, 0.1)]).is_err());
    assert!(compare("lme4", [("σ²", 1.0, 1.0, f64::NAN)]).is_err());
    assert_eq!(ensure(false, "it must hold").unwrap_err().to_string(), "it must hold");
}

#[test]
#[expect(clippy::large_stack_arrays, reason = "the stack is what is tested")]
fn a_large_stack() {
    common::on_stack_of(64 << 20, || {
        let bytes = std::hint::black_box([1_u8; 8 << 20]);
        ensure(bytes.iter().all(|byte| *byte == 1), "the stack must have room")
    })
    .unwrap();
    assert!(common::on_stack_of(1 << 20, || Err("an error".into())).is_err());
}

/// An example is read at once.
#[test]
fn are_short() {
    for (folder, most) in [("examples", MOST_LINES), ("examples/firmware/src", MOST_FIRMWARE_LINES)]
    {
        let mut count = 0;
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                assert!(lines <= most, "{} has {lines} lines, more than {most}", path.display());
                count += 1;
            }
        }
        assert!(count >= 4, "{count} examples in {folder}");
    }
}
