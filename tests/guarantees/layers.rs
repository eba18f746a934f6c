//! The layers of the house: which file may use which, as ARCHITECTURE.md has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers from the ground up. A file uses its own layer and those before it; `reml` and `kalman` stand beside each other.
const LAYERS: [&[&str]; 10] = [
    &["base"],
    &["linalg"],
    &["algebra", "transform"],
    &["structure"],
    &["operator"],
    &["composed"],
    &["optimise"],
    &["reml", "kalman"],
    &["inference"],
    &["features", "guide", "prelude"],
];

/// Module paths such as `reml::fit`, with the code of each.
type Modules = BTreeMap<String, String>;

/// What one file imports: the defining module and the item.
struct Import {
    module: String,
    item: String,
}

fn read(folder: &Path, parent: &str, modules: &mut Modules) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let module = if parent.is_empty() { name.to_owned() } else { format!("{parent}::{name}") };
        if path.is_dir() {
            read(&path, &module, modules);
        } else if module != "lib" {
            let text = fs::read_to_string(&path).unwrap();
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            modules.insert(module, text.lines().filter(is_code).collect::<Vec<_>>().join("\n"));
        }
    }
}

fn modules() -> Modules {
    let mut modules = Modules::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut modules);
    assert!(modules.len() > 150, "{}", modules.len());
    modules
}

/// Splits `a::{b, c::{d, e}}` into `a::b`, `a::c::d` and `a::c::e`.
fn flatten(prefix: &str, tree: &str, out: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap();
        out.push(format!("{prefix}{path}"));
        return;
    };
    let list = list.trim_end().strip_suffix('}').unwrap();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in list.char_indices().chain([(list.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !list[start..i].trim().is_empty() {
                    flatten(&format!("{prefix}{head}"), &list[start..i], out);
                }
                start = i + 1;
            }
            _ => {}
        }
    }
}

/// The paths of use statements. What a file exports again is no import.
fn used(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for statement in code.split(';') {
        // After the last line that is something else: an attribute, another item.
        let mut lines = statement.lines().skip_while(|line| !line.trim_start().starts_with("use "));
        let first = lines.next().unwrap_or_default().trim_start().to_owned();
        let whole = lines.fold(first, |whole, line| whole + " " + line.trim());
        if let Some(tree) = whole.strip_prefix("use ") {
            flatten("", tree, &mut paths);
        }
    }
    paths
}

/// The paths that stand in the code itself, such as `crate::linalg::kernel::sqrt(x)`.
fn written_out(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("pub")) {
        for (at, _) in line.match_indices("crate::") {
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let end = line[at..].find(|c| !is_path(c)).map_or(line.len(), |length| at + length);
            // The head of a list is no path.
            if !line[end..].starts_with('{') {
                paths.push(line[at..end].trim_end_matches(':').to_owned());
            }
        }
    }
    paths
}

/// The items of this crate that a file uses.
fn imports(module: &str, code: &str, modules: &Modules) -> Vec<Import> {
    let paths = [used(code), written_out(code)].concat();
    let relative = |path: &&String| path.starts_with("super::") || path.starts_with("self::");
    if let Some(path) = paths.iter().filter(relative).find(|path| !path.ends_with("::*")) {
        panic!("{module} imports {path}: name the defining module from `crate` on");
    }
    let import = |path: &String| {
        let path = path.strip_prefix("crate::")?;
        let mut of = path;
        while !modules.contains_key(of) {
            of = of.rsplit_once("::").map_or("", |(of, _)| of);
            assert!(!of.is_empty(), "{module} uses {path} by the name that it is exported with");
        }
        let item = path[of.len()..].trim_start_matches(':').split("::").next().unwrap();
        Some(Import { module: of.to_owned(), item: item.to_owned() })
    };
    paths.iter().filter_map(import).collect()
}

fn rank(module: &str) -> usize {
    let root = module.split("::").next().unwrap();
    let rank = LAYERS.iter().position(|layer| layer.contains(&root));
    rank.unwrap_or_else(|| panic!("{module} is in no layer"))
}

/// Every file uses layers below its own.
#[test]
fn no_arrow_points_up() {
    let modules = modules();
    for (module, code) in &modules {
        for Import { module: of, item } in imports(module, code, &modules) {
            let [here, there] = [module, &of].map(|m| m.split("::").next().unwrap());
            let is_beside = here != there && ["reml", "kalman"].contains(&here);
            let allowed = rank(&of) < rank(module) || rank(&of) == rank(module) && !is_beside;
            assert!(allowed, "{module} uses {item} of {of}, which is above it or beside it");
        }
    }
}

/// An import names the file that defines the item.
#[test]
fn imports_name_the_defining_module() {
    const KINDS: [&str; 7] = ["struct", "enum", "trait", "fn", "const", "type", "macro_rules!"];
    let modules = modules();
    let mut count = 0;
    for (module, code) in &modules {
        for Import { module: of, item } in imports(module, code, &modules) {
            let defining = &modules[&of];
            let defines = KINDS.iter().any(|kind| {
                defining.match_indices(&format!("{kind} {item}")).any(|(at, found)| {
                    let next = defining[at + found.len()..].chars().next();
                    !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            });
            assert!(
                item.is_empty() || defines,
                "{module} imports {item}, which {of} does not define"
            );
            count += 1;
        }
    }
    assert!(count > 1000, "{count}");
}

/// The files that a file reaches, directly or through others.
fn reached<'m>(from: &'m str, edges: &BTreeMap<&'m str, BTreeSet<&'m str>>) -> BTreeSet<&'m str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        for &to in edges.get(next).into_iter().flatten() {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    seen
}

/// No two files use each other, directly or through others, except a file and the one whose child it is.
#[test]
fn there_are_no_circles() {
    let modules = modules();
    let is_child =
        |child: &str, parent: &str| child.rsplit_once("::").is_some_and(|(of, _)| of == parent);
    let mut edges = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (module, code) in &modules {
        for Import { module: of, .. } in imports(module, code, &modules) {
            let (to, _) = modules.get_key_value(&of).unwrap();
            if to != module && !is_child(to, module) && !is_child(module, to) {
                edges.entry(module).or_default().insert(to);
            }
        }
    }
    for &module in edges.keys() {
        assert!(!reached(module, &edges).contains(module), "{module} uses itself through others");
    }
}
