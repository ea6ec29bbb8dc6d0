//! Writes the traced twin of each workflow: the same text, line for line, with a probe before every statement.
//!
//! The twin is what the lab runs; the file itself is what a reader sees and what runs on a real cluster. Nothing is
//! pretty-printed: calls are inserted into the text where the parser found a statement, never a line break, so a line
//! number means the same in both. A file is a workflow if it has an impl with `#[workflow_methods]`.
//!
//! What is woven in (`base/probe.rs` tells what each call does):
//! - `at(LINE);` before every statement and tail expression, and in a new block around an arm or closure without one;
//! - `resumed(LINE, …)` around every `.await`, since other code has run in between;
//! - `scope()` at the top of every function that is not async, and of every closure.
//!
//! Left alone: what a macro's tokens hide (`select!` and `join!` count as one statement), const contexts, items.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const PROBE: &str = "crate::base::probe";

/// Writes `OUT_DIR/traced/NAME.rs` and `NAME.lines.rs`, the latter an expression `(statements, body)`.
pub(crate) fn generate() {
    println!("cargo:rerun-if-changed=src/workflows");
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts")).join("traced");
    fs::create_dir_all(&out).expect("OUT_DIR is writable");
    for entry in fs::read_dir("src/workflows").expect("cargo runs build scripts in the package's folder") {
        let path = entry.expect("a folder can be listed to its end").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source file is UTF-8");
        let traced = match trace(&source) {
            Ok(Some(traced)) => traced,
            Ok(None) => continue,
            // The compiler tells the author more about a mistake in the file itself than this script could.
            Err(error) => panic!("{}:{}: {error}", path.display(), error.span().start().line),
        };
        let name = path
            .file_stem()
            .expect("it has an extension, so it has a stem")
            .to_string_lossy();
        let lines = format!("(&{:?}, {:?})", traced.statements, traced.body);
        fs::write(out.join(format!("{name}.rs")), traced.text).expect("OUT_DIR is writable");
        fs::write(out.join(format!("{name}.lines.rs")), lines).expect("OUT_DIR is writable");
    }
}

/// A workflow's source text with probes.
#[derive(Debug)]
pub(crate) struct Traced {
    /// The text, with as many lines as the source.
    pub(crate) text: String,
    /// The lines that have a probe, ascending.
    pub(crate) statements: Vec<u32>,
    /// First and last line of the functions in the `#[workflow_methods]` impl.
    pub(crate) body: (u32, u32),
}

/// The traced twin of `source`, or `None` if it holds no workflow.
pub(crate) fn trace(source: &str) -> syn::Result<Option<Traced>> {
    let file = syn::parse_file(source)?;
    let Some(body) = file.items.iter().find_map(workflow_body) else {
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
    weaver.visit_file(&file);
    Ok(Some(Traced {
        text: weaver.woven(source),
        statements: weaver.statements.into_iter().collect(),
        body,
    }))
}

/// The lines of the functions in an impl with `#[workflow_methods]`.
fn workflow_body(item: &syn::Item) -> Option<(u32, u32)> {
    let syn::Item::Impl(item) = item else { return None };
    if !item
        .attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("workflow_methods"))
    {
        return None;
    }
    let mut functions = item
        .items
        .iter()
        .filter(|item| matches!(item, syn::ImplItem::Fn(_)))
        .map(Spanned::span);
    let first = functions.next()?;
    let last = functions.next_back().unwrap_or(first);
    Some((line(first), line_number(last.end().line)))
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
