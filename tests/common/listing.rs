//! The matrices of the public listing.

/// Checks that every public matrix is a word of one of these models.
pub(crate) fn assert_every_matrix_is_in(models: &[&str]) {
    let listing = include_str!("../public_api/listing");
    let implementors = listing.lines().filter_map(|line| {
        let (_, matrix) = line.strip_prefix("impl")?.split_once(" Shape for ")?;
        matrix.split(['<', ' ']).next()
    });
    let aliases = listing.lines().filter_map(|line| {
        let (name, of) = line.strip_prefix("pub type ")?.split_once('=')?;
        of.contains("Matrix<").then(|| name.split('<').next())?
    });
    let mut elsewhere = vec!["&M", "Named", "StateSpace"];
    if cfg!(not(feature = "autodiff")) {
        elsewhere.push("CustomMatrix");
    }
    let in_table = |name: &str| {
        let mut words = models.iter().flat_map(|model| model.split(|c: char| !c.is_alphanumeric()));
        words.any(|word| word == name)
    };
    let names: Vec<&str> = implementors.chain(aliases.filter(|name| *name != "Gradient")).collect();
    assert!(names.len() > 50, "the listing is read");
    for name in names {
        assert!(elsewhere.contains(&name) || in_table(name), "no law for {name}");
    }
}
