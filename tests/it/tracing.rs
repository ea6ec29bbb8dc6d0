//! The generator of the traced twins, on small snippets.

/// Puts a body into a workflow, traces it, and compares the lines of the body; probes are spelled short.
#[track_caller]
fn check(body: &str, expected: &str) {
    let source = format!("#[workflow_methods]\nimpl W {{\n    async fn run() {{\n{body}\n    }}\n}}\n");
    let traced = sagascope_trace::trace(&source)
        .expect("the snippet parses")
        .expect("the snippet is a workflow");
    assert_eq!(traced.text.lines().count(), source.lines().count());
    assert_eq!(traced.body.0, 3);

    let short = traced.text.replace("::sagascope::probe::", "");
    let lines: Vec<_> = short.lines().skip(3).collect();
    let body = lines[..lines.len() - 2].join("\n");
    assert_eq!(body, expected);
    for line in &traced.statements {
        assert!(body.contains(&format!("at({line});")));
    }
    syn::parse_file(&traced.text).expect("the twin is Rust");
}

#[test]
fn statements_and_tails() {
    check(
        "let a = 1;\n// why\na.b();\nOk(a)",
        "at(4); let a = 1;\n// why\nat(6); a.b();\nat(7); Ok(a)",
    );
    check("let a = \"€\"; b(a)", "at(4); let a = \"€\"; at(4); b(a)");
    check("#[expect(x)]\nlet a = 1;", "at(5); #[expect(x)]\nlet a = 1;");
    check("use a::b;\nlog!(b);", "use a::b;\nat(5); log!(b);");
}

#[test]
fn nested_blocks() {
    check(
        "if a {\nb();\n} else {\nc()\n}",
        "at(4); if a {\nat(5); b();\n} else {\nat(7); c()\n}",
    );
    check(
        "let Ok(a) = b() else {\nreturn;\n};",
        "at(4); let Ok(a) = b() else {\nat(5); return;\n};",
    );
    check("for a in b {\nc(a);\n}", "at(4); for a in b {\nat(5); c(a);\n}");
    check("async move {\na()\n}", "at(4); async move {\nat(5); a()\n}");
}

#[test]
fn arms_get_their_own_probe() {
    check(
        "let a = match b {\nOk(a) => a,\nErr(_) if c => return,\nErr(_) => {\nd();\n}\n};",
        "at(4); let a = match b {\nOk(a) => { at(5); a },\nErr(_) if c => { at(6); return },\n\
         Err(_) => {\nat(8); d();\n}\n};",
    );
}

#[test]
fn an_await_comes_back_to_its_statement() {
    check("a.await;", "at(4); resumed(4, a.await);");
    check(
        "let a = b(\nc.await,\n)\n.await?;",
        "at(4); let a = resumed(4, b(\nresumed(4, c.await),\n)\n.await)?;",
    );
    check(
        "match a.await {\nb => c.await,\n}",
        "at(4); match resumed(4, a.await) {\nb => { at(5); resumed(5, c.await) },\n}",
    );
}

#[test]
fn closures_and_functions_give_the_line_back() {
    check(
        "a(|b| b + 1);",
        "at(4); a(|b| { let _probe_scope = scope(); at(4); b + 1 });",
    );
    check(
        "a(|| {\nb()\n});",
        "at(4); a(|| { let _probe_scope = scope();\nat(5); b()\n});",
    );
    check(
        "fn a() {\nb()\n}",
        "fn a() { let _probe_scope = scope();\nat(5); b()\n}",
    );
    check("const fn a() {\nb()\n}", "const fn a() {\nb()\n}");
}

#[test]
fn docs_of_the_file_become_comments() {
    let source = "//! What.\n//! Why.\n\n#[workflow_methods]\nimpl W {\n    fn a() {}\n    fn b() {}\n}\n";
    let traced = sagascope_trace::trace(source).unwrap().unwrap();
    assert!(
        traced
            .text
            .starts_with("// //! What.\n// //! Why.\n\n#[workflow_methods]\n")
    );
    assert_eq!(traced.body, (6, 7));
    assert!(traced.statements.is_empty());
}

#[test]
fn activities_beside_the_workflow_stay_as_the_macro_wants_them() {
    for path in ["", "temporalio_macros::"] {
        let activities = format!(
            "#[{path}activity_definitions]\nimpl Bank {{\n    async fn pay() {{\n        unimplemented!()\n    }}\n}}\n"
        );
        let workflow =
            format!("#[{path}workflow_methods]\nimpl W {{\n    async fn run() {{\n        pay();\n    }}\n}}\n");
        let twin = sagascope_trace::trace(&format!("{activities}{workflow}"))
            .unwrap()
            .unwrap();
        assert!(twin.text.starts_with(&activities), "{}", twin.text);
        assert_eq!(twin.statements, [10]);
    }
}

#[test]
fn other_files_are_left_alone() {
    assert!(sagascope_trace::trace("fn a() { b(); }").unwrap().is_none());
    assert!(sagascope_trace::trace("#![allow(x)]\n#[workflow_methods]\nimpl W {\nfn a() {}\n}").is_err());
    assert!(sagascope_trace::trace("fn a( {").is_err());
}
