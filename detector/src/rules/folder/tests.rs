use super::*;

fn folder(files: &[(&str, &str)]) -> (Folder, PathBuf) {
    let name = std::thread::current().name().unwrap_or("folder").replace(':', "_");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tmp").join(name);
    let _ = fs::remove_dir_all(&root);
    for (file, text) in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (Folder::load(&root), root)
}

const RULE: &str = "title: t\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n  product: aws\n  service: cloudtrail\nlevel: low\ndetection:\n  s:\n    eventName: X\n  condition: s\n";

#[test]
fn what_is_broken_is_named_with_its_line_and_the_rest_works() {
    let (found, root) = folder(&[
        ("good.yml", RULE),
        ("deep/twice.yaml", RULE),
        ("a_yaml.yml", "title: t\n  bad: [\n"),
        ("b_condition.yml", &RULE.replace("condition: s", "condition: t").replace("0001", "0002")),
        ("c_modifier.yml", &RULE.replace("eventName: X", "eventName|base64: X").replace("0001", "0003")),
        ("d_level.yml", &RULE.replace("level: low", "level: severe").replace("0001", "0004")),
        ("e_windows.yml", &RULE.replace("product: aws", "product: windows").replace("0001", "0005")),
        ("f_no_id.yml", &RULE.replace("id: 00000000-0000-4000-8000-000000000001\n", "")),
        ("good.test.yml", "tests: []"),
        (".hidden.yml", "{"),
        ("README.md", "no rule"),
        (
            "exception.yml",
            "title: CI\nid: 00000000-0000-4000-8000-0000000000e1\nfilter:\n  rules: any\n  s:\n    eventName: X\n  condition: not s\n",
        ),
    ]);
    // In the order of their names, so the one in the deeper folder comes first.
    assert_eq!(found.rules.len(), 1);
    assert_eq!(found.other_log_sources, 1);
    let problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| problem.to_string().replace(&format!("{}/", root.display()), ""))
        .collect();
    let expect = [
        ("a_yaml.yml:2: invalid YAML: ", ""),
        ("b_condition.yml:10: condition `t`", "unknown selection `t`"),
        ("c_modifier.yml:9: modifier `base64`", ""),
        ("d_level.yml:6: unknown level `severe`", ""),
        ("exception.yml: `owner` is missing", "the owner of this exception"),
        ("f_no_id.yml: `id` is missing", ""),
        ("good.yml:2: duplicate rule ID", ""),
    ];
    assert_eq!(problems.len(), expect.len(), "{problems:#?}");
    for (problem, (start, part)) in problems.iter().zip(expect) {
        assert!(problem.starts_with(start) && problem.contains(part), "{problem}");
    }
}

#[test]
fn what_could_never_match_or_silences_nothing_is_said() {
    let fact = |key: &str, id: &str| RULE.replace("eventName: X", key).replace("0001", id);
    let exception = "title: CI\nid: 00000000-0000-4000-8000-0000000000e1\nowner: o\nreason: r\nexpires: 2027-01-01\nfilter:\n  rules:\n    - 00000000-0000-4000-8000-00000000ffff\n  s:\n    eventName: X\n  condition: not s\n";
    let (found, root) = folder(&[
        ("a.yml", &fact("sentinel.expose: external", "0001")),
        ("b.yml", &fact("sentinel.exposes: [extern]", "0002")),
        ("c.yml", &fact("sentinel.exposes: [External]", "0003")),
        ("d.yml", &RULE.replace("00000000-0000-4000-8000-000000000001", "hello")),
        ("e.yml", &fact("eventName: X", "0005").replace("level: low", "level: low\ndenied: high")),
        ("f.yml", exception),
    ]);
    let problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| problem.to_string().replace(&format!("{}/", root.display()), ""))
        .collect();
    let expect = [
        ("a.yml:9: unknown fact `sentinel.expose`; known facts:", "exposes"),
        ("b.yml:9: `sentinel.exposes` is never `extern`", "external"),
        ("d.yml:2: `id: hello` is not a UUID", ""),
        ("e.yml:7: `denied` is", "no worse"),
        ("f.yml:8: filter.rules: unknown rule ID", ""),
    ];
    assert_eq!(problems.len(), expect.len(), "{problems:#?}");
    for (problem, (start, part)) in problems.iter().zip(expect) {
        assert!(problem.starts_with(start) && problem.contains(part), "{problem}");
    }
    assert_eq!(found.rules.len(), 1);
}

#[test]
fn an_account_without_quotes_and_an_old_collection_are_named() {
    let rule = |key: &str, id: &str| RULE.replace("eventName: X", key).replace("0001", id);
    let (found, root) = folder(&[
        ("a.yml", &rule("recipientAccountId: 012345678901", "0001")),
        ("b.yml", &rule("recipientAccountId: [111122223333, 012345678901]  # two", "0002")),
        ("c.yml", &rule("recipientAccountId: '012345678901'", "0003")),
        ("d.yml", &rule("eventName|re: \"^0123$\" # 0123", "0004")),
        ("e.yml", &format!("action: global\ntitle: t\n---\n{}", rule("eventName: X", "0005"))),
        (
            "f.yml",
            &rule("eventName: X\n# 012345678901 is prod, and isn't what is asked\n    # - 012", "0006"),
        ),
        (WATCHED, "accounts: [012345678901]\n"),
    ]);
    let problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| problem.to_string().replace(&format!("{}/", root.display()), ""))
        .collect();
    let expect = [
        "a.yml:9: `012345678901` is a number",
        "b.yml:9: `012345678901` is a number",
        "e.yml:1: `action: global` (Sigma rule collections)",
    ];
    assert_eq!(problems.len(), expect.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(expect) {
        assert!(problem.starts_with(start), "{problem}");
    }
    assert_eq!(found.rules.len(), 3);
    assert!(found.watched.accounts.has("012345678901"), "a list of names is read as text");
}

#[test]
fn watched_names_and_several_rules_in_a_file_are_read() {
    let two = format!("{RULE}---\n{}", RULE.replace("0001", "0002"));
    let (found, _) =
        folder(&[("two.yml", &two), (WATCHED, "roles:\n  - break-glass*\norganizations: [o-1]\n")]);
    assert_eq!((found.rules.len(), found.problems), (2, Vec::new()));
    assert!(found.watched.roles.has("break-glass-1"));
    let (found, _) = folder(&[(WATCHED, "rolls: [x]\n")]);
    assert!(found.problems[0].why.contains("rolls"), "{:?}", found.problems);
}

#[test]
fn a_folder_that_is_not_there_is_a_problem_and_no_panic() {
    let found = Folder::load(Path::new("no/such/folder"));
    assert!(found.problems[0].why.contains("can't read"), "{:?}", found.problems);
}
