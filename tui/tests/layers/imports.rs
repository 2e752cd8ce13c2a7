//! The imports of a crate's files, read from their tokens: files that are compiled for tests only, and a file's own
//! tests, are left out. Paths count when they begin with `crate`, `super` or `self`; a re-export is followed to the
//! file that defines the name.
//! Relative paths are not counted: those to a module's own children, and so most of a root's. A path through an
//! imported module counts as that module's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};

/// A module's path from the crate's root: `["store", "body"]`; empty for the root itself.
type Module = Vec<String>;

/// A crate's modules that have a file of their own.
pub(crate) struct Crate {
    files: BTreeMap<Module, File>,
}

/// A file: its place below `src/`, the paths in it, and the names that it defines or passes on.
struct File {
    place: String,
    paths: Vec<Module>,
    defined: BTreeSet<String>,
    passed_on: Vec<(String, Module)>,
    all_of: Vec<Module>,
}

/// One file's use of another: where it stands, the module it names first below the root, the file it ends in.
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) room: String,
    pub(crate) to: String,
}

impl Crate {
    /// Reads a crate from its root file, `main.rs` or `lib.rs`, down the `mod` lines.
    pub(crate) fn read(root: &Path) -> Crate {
        let mut files = BTreeMap::new();
        read_module(root, root.parent().unwrap(), Vec::new(), &mut files);
        Crate { files }
    }

    /// Returns every import, in the order of the files.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for file in self.files.values() {
            for path in &file.paths {
                let (Some(room), Some(to)) = (path.first(), self.definition(path, 0)) else { continue };
                imports.push(Import { from: file.place.clone(), room: room.clone(), to: to.place.clone() });
            }
        }
        imports
    }

    /// Returns the circles: groups of files of which each leads to every other by imports, largest first. A module's
    /// use of its own children is no import here, so a parent and its child alone are no circle.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<String>> {
        let mut next: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Import { from, to, .. } in self.imports() {
            next.entry(from).or_default().insert(to);
        }
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            next.keys().map(|file| (file.as_str(), reach(file, &next))).collect();
        let mut circles: Vec<BTreeSet<String>> = Vec::new();
        for (file, ahead) in &reached {
            let circle: BTreeSet<String> = ahead
                .iter()
                .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
                .map(|other| (*other).to_owned())
                .collect();
            if circle.len() > 1 && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    /// Returns the file that defines a path's name, through re-exports. `depth` ends two that name each other.
    fn definition(&self, path: &[String], depth: usize) -> Option<&File> {
        let length = (0..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let file = &self.files[&path[..length]];
        let Some(name) = path.get(length).filter(|_| depth < 8) else { return Some(file) };
        if file.defined.contains(name) {
            return Some(file);
        }
        if let Some((_, target)) = file.passed_on.iter().find(|(passed, _)| passed == name) {
            return self.definition(target, depth + 1).or(Some(file));
        }
        for module in &file.all_of {
            let target: Module = module.iter().chain([name]).cloned().collect();
            if let Some(found) =
                self.definition(&target, depth + 1).filter(|found| found.defined.contains(name))
            {
                return Some(found);
            }
        }
        Some(file)
    }
}

fn reach<'a>(from: &str, next: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for to in next.get(file).into_iter().flatten() {
            if reached.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    reached
}

/// Reads a module's file and those of its children, which lie in `folder`.
fn read_module(path: &Path, folder: &Path, module: Module, files: &mut BTreeMap<Module, File>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = Reader { module: module.clone(), ..Reader::default() };
    reader.tokens(tokens, true);
    for child in &reader.children {
        let below = folder.join(child);
        let candidates: [PathBuf; 2] = [folder.join(format!("{child}.rs")), below.join("mod.rs")];
        let file = candidates
            .iter()
            .find(|file| file.is_file())
            .unwrap_or_else(|| panic!("{}: no file for {child}", path.display()));
        let inner = module.iter().cloned().chain([child.clone()]).collect();
        read_module(file, &below, inner, files);
    }
    let depth = module.len() + usize::from(path.ends_with("mod.rs"));
    let source = path.ancestors().nth(depth.max(1)).unwrap();
    let place = path.strip_prefix(source).unwrap().to_str().unwrap().replace('\\', "/");
    files.insert(module, reader.file(place));
}

/// Facts from a file's tokens, gathered as they are read.
#[derive(Default)]
struct Reader {
    module: Module,
    children: Vec<String>,
    paths: Vec<Module>,
    defined: BTreeSet<String>,
    uses: Vec<(String, Module)>,
    all_of: Vec<Module>,
}

type Tokens = Peekable<token_stream::IntoIter>;

impl Reader {
    fn file(self, place: String) -> File {
        File { place, paths: self.paths, defined: self.defined, passed_on: self.uses, all_of: self.all_of }
    }

    /// Reads a list of tokens; `top` is true for a file's own items, whose names others may use.
    fn tokens(&mut self, tokens: TokenStream, top: bool) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)")
                    {
                        skip_item(&mut tokens);
                    }
                }
                TokenTree::Group(group) if first_is(&group.stream(), "in") => {}
                TokenTree::Group(group) => self.tokens(group.stream(), false),
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "use" => self.tree(&mut tokens, None, true),
                    "mod" if top => self.child(&mut tokens),
                    start @ ("crate" | "super" | "self") if at_colons(&mut tokens) => {
                        let base = self.base(start, &[]);
                        self.tree(&mut tokens, Some(&base), false);
                    }
                    "struct" | "enum" | "trait" | "fn" | "type" | "const" | "static" | "union" if top => {
                        self.define(&mut tokens);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn child(&mut self, tokens: &mut Tokens) {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        if matches!(tokens.peek(), Some(TokenTree::Punct(end)) if end.as_char() == ';') {
            self.children.push(name.to_string());
        }
    }

    fn define(&mut self, tokens: &mut Tokens) {
        if let Some(TokenTree::Ident(name)) = tokens.peek() {
            self.defined.insert(name.to_string());
        }
    }

    /// Returns a path's absolute beginning: `crate` is the root, `self` this module, `super` the one above.
    fn base(&self, start: &str, before: &[String]) -> Module {
        match start {
            "crate" => Vec::new(),
            "self" if before.is_empty() => self.module.clone(),
            "super" if before.is_empty() => self.module[..self.module.len().saturating_sub(1)].to_vec(),
            "super" => before[..before.len().saturating_sub(1)].to_vec(),
            "self" => before.to_vec(),
            name => before.iter().cloned().chain([name.to_owned()]).collect(),
        }
    }

    /// Reads a path, or with braces a tree of paths, that begins below `before`; `None` where no word has been
    /// read yet.
    fn tree(&mut self, tokens: &mut Tokens, before: Option<&[String]>, import: bool) {
        let mut path = before.unwrap_or_default().to_vec();
        let mut counted = before.is_some() || !import;
        let mut first = import && before.is_none();
        loop {
            match tokens.peek() {
                Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => {
                    tokens.next();
                }
                Some(TokenTree::Ident(word)) => {
                    let word = word.to_string();
                    tokens.next();
                    if word == "as" {
                        self.found(path, counted, import, tokens.next().map(|name| name.to_string()));
                        return;
                    }
                    let relative = !matches!(word.as_str(), "crate" | "super" | "self");
                    if first && relative {
                        // A child module's name, if it is one: its re-export is followed, no import is counted.
                        path.clone_from(&self.module);
                        path.push(word);
                    } else {
                        counted |= first;
                        path = self.base(&word, &path);
                    }
                    first = false;
                    if !at_colons(tokens)
                        && !matches!(tokens.peek(), Some(TokenTree::Ident(next)) if import && *next == "as")
                    {
                        self.found(path, counted, import, None);
                        return;
                    }
                }
                Some(TokenTree::Punct(star)) if star.as_char() == '*' && import => {
                    tokens.next();
                    if counted {
                        self.paths.push(path.clone());
                    }
                    self.all_of.push(path);
                    return;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && import => {
                    let inner = group.stream();
                    tokens.next();
                    for branch in branches(inner) {
                        let mut branch = branch.into_iter().peekable();
                        self.branch(&mut branch, (!first).then_some(path.as_slice()), counted);
                    }
                    return;
                }
                _ => {
                    self.found(path, counted, import, None);
                    return;
                }
            }
        }
    }

    /// Reads one branch of a tree in braces; `self` in it names the tree's own beginning.
    fn branch(&mut self, tokens: &mut Tokens, before: Option<&[String]>, counted: bool) {
        let paths = self.paths.len();
        self.tree(tokens, before, true);
        if before.is_some() && !counted {
            self.paths.truncate(paths);
        }
    }

    fn found(&mut self, path: Module, counted: bool, import: bool, alias: Option<String>) {
        if import && let Some(name) = alias.or_else(|| path.last().cloned()) {
            self.uses.push((name, path.clone()));
        }
        if counted && path != self.module {
            self.paths.push(path);
        }
    }
}

/// Passes over the item behind `#[cfg(test)]`: up to its braces or its semicolon. Only items may stand behind it:
/// on a field or a match arm too much would be passed over.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens.by_ref() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(end) if end.as_char() == ';' => return,
            _ => {}
        }
    }
}

fn branches(tokens: TokenStream) -> Vec<TokenStream> {
    let mut branches = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => branches.push(Vec::new()),
            _ => branches.last_mut().unwrap().push(token),
        }
    }
    branches.into_iter().filter(|branch| !branch.is_empty()).map(TokenStream::from_iter).collect()
}

fn at_colons(tokens: &mut Tokens) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Joint)
}

fn first_is(tokens: &TokenStream, word: &str) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(first)) if first == word)
}
