//! Writes the traced twin of each workflow: the same text, line for line, with a probe before every statement.
//!
//! The twin is what the lab runs; the file itself is what a reader sees and what runs on a real cluster. Nothing is
//! pretty-printed: calls are inserted into the text where the parser found a statement, never a line break, so a line
//! number means the same in both. A file is a workflow if it has an impl with `#[workflow_methods]`.
//!
//! Called by a build script, with `sagascope-trace` among the `[build-dependencies]`:
//!
//! ```no_run
//! // build.rs
//! sagascope_trace::generate("src");
//! ```
//!
//! and taken in by `sagascope::traced!()` in a module of its own. Since a twin stands elsewhere than its source, the
//! source names what it uses by `crate::…`, never by `super::…`.
//!
//! What is woven in (`sagascope::probe` tells what each call does):
//! - `at(LINE);` before every statement and tail expression, and in a new block around an arm or closure without one;
//! - `resumed(LINE, …)` around every `.await`, since other code has run in between;
//! - `scope()` at the top of every function that is not async, and of every closure.
//!
//! Left alone: what a macro's tokens hide (`select!` and `join!` count as one statement), const contexts, items.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const PROBE: &str = "::sagascope::probe";

/// Writes a twin of every workflow in the Rust files of `folder`, which is relative to the package's own, and of the
/// folders in it; and `OUT_DIR/traced/mod.rs`, which lists them.
///
/// # Panics
///
/// With the file and line, if a workflow cannot be traced: it is a build script's way of telling.
pub fn generate(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    tell_cargo(folder);
    let variable = |name| PathBuf::from(env::var_os(name).expect("cargo sets it for build scripts"));
    let out = variable("OUT_DIR").join("traced");
    fs::create_dir_all(&out).expect("OUT_DIR is writable");
    let mut twins = BTreeMap::new();
    for path in rust_files(folder) {
        let source = fs::read_to_string(&path).expect("a source file is UTF-8");
        let traced = match trace(&source) {
            Ok(Some(traced)) => traced,
            Ok(None) => continue,
            // The compiler tells the author more about a mistake in the file itself than this could.
            Err(error) => panic!("{}:{}: {error}", path.display(), error.span().start().line),
        };
        let name = path.file_stem().expect("it has an extension, so it has a stem");
        let name = name.to_string_lossy().into_owned();
        fs::write(out.join(format!("{name}.rs")), traced.with_source(&path)).expect("OUT_DIR is writable");
        if twins.insert(name.clone(), traced.workflow).is_some() {
            panic!("{}: two workflow files are called {name}.rs", path.display());
        }
    }
    fs::write(out.join("mod.rs"), index(&twins)).expect("OUT_DIR is writable");
}

#[expect(clippy::print_stdout, reason = "that is how a build script speaks to cargo")]
fn tell_cargo(folder: &Path) {
    println!("cargo:rerun-if-changed={}", folder.display());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("cargo runs build scripts in the package's folder") {
        let path = entry.expect("a folder can be listed to its end").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The module that holds all twins, and what follows from their list. Where several files have versions of one
/// workflow, workers have that of the file whose name comes first.
fn index(twins: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut known = BTreeSet::new();
    let (mut sources, mut registry, mut listed) = (String::new(), String::new(), String::new());
    for (file, workflow) in twins {
        put(
            &mut text,
            &format!(
                "/// The twin of the workflow in the file of this name.\n\
                 pub mod {file} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/traced/{file}.rs\"));\n}}"
            ),
        );
        let source = format!("&<{file}::{workflow} as ::sagascope::Traced>::SOURCE");
        put(&mut sources, &format!("    ({file}::{workflow}::name(), {source}),"));
        if known.insert(workflow) {
            put(&mut registry, &format!("        .with_source::<{file}::{workflow}>()"));
            put(&mut listed, &format!("            ({file}, {workflow})"));
        }
    }
    put(
        &mut text,
        &format!(
            "/// Every workflow: its type and its source text. Versions of one type follow each other, the ordinary one first.\n\
             pub const SOURCES: &[(&str, &::sagascope::Source)] = &[\n{sources}];\n\
             /// The workflows that a worker has unless somebody says otherwise.\n\
             pub fn registry() -> ::sagascope::Registry {{\n    \
             ::sagascope::Registry::new()\n{registry}}}\n\
             /// Calls a macro with `(file, Workflow)` for each of them.\n\
             #[allow(unused_macros)]\n\
             macro_rules! each_workflow {{\n    ($call:ident) => {{\n        $call! {{\n{listed}        }}\n    }};\n}}\n\
             #[allow(unused_imports)]\npub(crate) use each_workflow;"
        ),
    );
    text
}

fn put(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string can be written");
}

/// A workflow's source text with probes.
#[derive(Debug)]
pub struct Traced {
    /// The text, with as many lines as the source.
    pub text: String,
    /// The lines that have a probe, ascending.
    pub statements: Vec<u32>,
    /// First and last line of the functions in the `#[workflow_methods]` impl.
    pub body: (u32, u32),
    /// The type that the impl is for.
    pub workflow: String,
}

impl Traced {
    /// The twin's text, with the source as a constant behind its last line.
    fn with_source(&self, path: &Path) -> String {
        let Self {
            text,
            statements,
            body,
            workflow,
        } = self;
        let file = path.file_name().expect("it is a file").to_string_lossy();
        let path = path.display();
        format!(
            "{text}impl ::sagascope::Traced for {workflow} {{ \
             const SOURCE: ::sagascope::Source = ::sagascope::Source {{ \
             file: {file:?}, text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{path}\")), \
             statements: &{statements:?}, body: {body:?} }}; }}\n"
        )
    }
}

/// The traced twin of `source`, or `None` if it holds no workflow.
///
/// # Errors
///
/// If it is not Rust, has inner attributes, or names something by `super::`: a twin stands elsewhere.
pub fn trace(source: &str) -> syn::Result<Option<Traced>> {
    let file = syn::parse_file(source)?;
    let Some((workflow, body)) = file.items.iter().find_map(workflow_body) else {
        return Ok(None);
    };
    let mut weaver = Weaver::default();
    for attribute in &file.attrs {
        // `include!` takes no inner attributes, and a doc comment is the only one that can be dropped without harm.
        if !attribute.path().is_ident("doc") {
            return Err(syn::Error::new_spanned(
                attribute,
                "a workflow file may have no inner attribute but its docs",
            ));
        }
        weaver.edits.push(Edit {
            offset: attribute.span().byte_range().start,
            opens: true,
            text: "// ".to_owned(),
        });
    }
    for item in &file.items {
        if let syn::Item::Use(import) = item
            && let syn::UseTree::Path(path) = &import.tree
            && path.ident == "super"
        {
            return Err(syn::Error::new_spanned(
                import,
                "a workflow file names what it uses by `crate::…`: its traced twin has another parent",
            ));
        }
    }
    weaver.visit_file(&file);
    Ok(Some(Traced {
        text: weaver.woven(source),
        statements: weaver.statements.into_iter().collect(),
        body,
        workflow,
    }))
}

/// The type that an impl with `#[workflow_methods]` is for, and the lines of its functions.
fn workflow_body(item: &syn::Item) -> Option<(String, (u32, u32))> {
    let syn::Item::Impl(item) = item else { return None };
    let syn::Type::Path(workflow) = &*item.self_ty else {
        return None;
    };
    if !bears(item, "workflow_methods") {
        return None;
    }
    let mut functions = item
        .items
        .iter()
        .filter(|item| matches!(item, syn::ImplItem::Fn(_)))
        .map(Spanned::span);
    let first = functions.next()?;
    let last = functions.next_back().unwrap_or(first);
    let workflow = workflow.path.get_ident()?.to_string();
    Some((workflow, (line(first), line_number(last.end().line))))
}

/// Whether an impl bears one of the SDK's attributes, by itself or with its path.
fn bears(item: &syn::ItemImpl, attribute: &str) -> bool {
    let named = |it: &syn::Attribute| it.path().segments.last().is_some_and(|last| last.ident == attribute);
    item.attrs.iter().any(named)
}

fn line(span: Span) -> u32 {
    line_number(span.start().line)
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).expect("a source file has fewer than four billion lines")
}

/// Text to be inserted at a byte offset of the source.
struct Edit {
    offset: usize,
    opens: bool,
    text: String,
}

/// Walks the syntax tree and collects edits; `line` is where the innermost statement around it begins.
#[derive(Default)]
struct Weaver {
    edits: Vec<Edit>,
    statements: BTreeSet<u32>,
    line: u32,
}

impl Weaver {
    /// The source with all edits made. Where several meet, what ends comes before what begins, and otherwise they stand
    /// in the order they were found: outer before inner for beginnings, inner before outer for ends.
    fn woven(&mut self, source: &str) -> String {
        self.edits.sort_by_key(|edit| (edit.offset, edit.opens));
        let mut text = String::with_capacity(source.len() * 2);
        let mut done = 0;
        for edit in &self.edits {
            text.push_str(&source[done..edit.offset]);
            text.push_str(&edit.text);
            done = edit.offset;
        }
        text.push_str(&source[done..]);
        text
    }

    fn open(&mut self, span: Span, text: String) {
        self.edits.push(Edit {
            offset: span.byte_range().start,
            opens: true,
            text,
        });
    }

    fn close(&mut self, span: Span, text: &str) {
        self.edits.push(Edit {
            offset: span.byte_range().end,
            opens: false,
            text: text.to_owned(),
        });
    }

    /// The call to put before something that begins at `line`.
    fn probe(&mut self, line: u32) -> String {
        self.statements.insert(line);
        format!("{PROBE}::at({line}); ")
    }

    /// Visits what belongs to a statement that begins at `line`.
    fn within(&mut self, line: u32, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.line, line);
        visit(self);
        self.line = outer;
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        if signature.constness.is_some() {
            return;
        }
        if signature.asyncness.is_none() {
            self.close(
                block.brace_token.span.open(),
                &format!(" let _probe_scope = {PROBE}::scope();"),
            );
        }
        self.visit_block(block);
    }

    /// An expression that stands where a block could: it gets one, with a probe in it.
    fn bare(&mut self, expression: &syn::Expr, before: &str) {
        let line = line(expression.span());
        let probe = self.probe(line);
        self.open(expression.span(), format!("{{ {before}{probe}"));
        self.within(line, |this| this.visit_expr(expression));
        self.close(expression.span(), " }");
    }
}

impl<'ast> Visit<'ast> for Weaver {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig, &function.block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // The bodies of activities' definitions must be what the SDK's macro wants, to the letter; nothing runs them.
        if !bears(item, "activity_definitions") {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        // The line is that of the statement proper, not of an attribute or comment above it.
        let line = match statement {
            syn::Stmt::Item(_) => return visit::visit_stmt(self, statement),
            syn::Stmt::Local(local) => line(local.let_token.span),
            syn::Stmt::Macro(call) => line(call.mac.span()),
            syn::Stmt::Expr(expression, _) => line(expression.span()),
        };
        let probe = self.probe(line);
        self.open(statement.span(), probe);
        self.within(line, |this| visit::visit_stmt(this, statement));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.visit_expr(guard);
        }
        match &*arm.body {
            syn::Expr::Block(block) if block.label.is_none() => self.visit_expr_block(block),
            body => self.bare(body, ""),
        }
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let scope = format!("let _probe_scope = {PROBE}::scope(); ");
        match &*closure.body {
            syn::Expr::Block(block) if block.label.is_none() => {
                self.close(block.block.brace_token.span.open(), &format!(" {}", scope.trim_end()));
                self.visit_expr_block(block);
            }
            body => self.bare(body, &scope),
        }
    }

    fn visit_expr_await(&mut self, awaited: &'ast syn::ExprAwait) {
        self.open(awaited.span(), format!("{PROBE}::resumed({}, ", self.line));
        self.visit_expr(&awaited.base);
        self.close(awaited.span(), ")");
    }

    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
}
