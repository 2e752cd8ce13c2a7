//! Files and folders that are none: pipes, devices, links in a circle, broken lines without end.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{Dice, PROGRAM, folder, rounds};

/// A command that ends by itself; one that does not is ended after ten minutes, and fails the test.
fn run(arguments: &[&str], path: &Path) -> Output {
    let output = Command::new("timeout").arg("600").arg(PROGRAM).args(arguments).arg(path).output().unwrap();
    assert_ne!(output.status.code(), Some(124), "{arguments:?} does not end");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const RECORD: &str = r#"{"eventVersion":"1.08","eventID":"e1","eventTime":"2026-11-24T02:00:00Z","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","recipientAccountId":"111122223333","requestParameters":{"name":"main"},"userIdentity":{"type":"IAMUser","userName":"mallory","arn":"arn:aws:iam::111122223333:user/mallory"}}"#;

/// A folder with a pipe, a device, and links to itself, beside one good file of this name.
fn trapped(test: &str, name: &str, good: &str, ending: &str) -> std::path::PathBuf {
    let folder = folder(test);
    std::fs::write(folder.join(name), good).unwrap();
    let pipe = folder.join(format!("pipe{ending}"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("/dev/zero", folder.join(format!("zero{ending}"))).unwrap();
    for number in 0..3 {
        let inner = folder.join(format!("folder-{number}"));
        std::fs::create_dir(&inner).unwrap();
        for link in 0..3 {
            symlink(&folder, inner.join(format!("link-{link}"))).unwrap();
        }
        symlink(folder.join("folder-0"), folder.join(format!("to-{number}"))).unwrap();
    }
    folder
}

#[test]
fn a_replay_of_a_folder_reads_each_regular_file_once_and_names_the_others() {
    let output = run(&["replay", "--json"], &trapped("replay", "good.json", RECORD, ".json"));
    let (out, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(out.lines().count(), 1, "{out}\n{said}");
    for name in ["pipe.json", "zero.json"] {
        assert!(said.contains(&format!("{name}: no regular file")), "{said}");
    }
    assert!(!said.contains("duplicate"), "each folder once: {said}");
}

#[test]
fn rules_of_a_folder_are_read_once_and_from_regular_files_alone() {
    let rule = "title: A test\nid: 3f1a8a52-0000-4000-8000-000000000001\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    eventName: StopLogging\n  condition: selection\nlevel: high\n";
    let output = run(&["rules", "check"], &trapped("rules", "good.yml", rule, ".yml"));
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!said.contains("duplicate rule ID"), "each folder once: {said}");
    assert!(said.contains("pipe.yml") && said.contains("zero.yml"), "{said}");
    assert!(said.contains("no regular file"), "{said}");
}

#[test]
fn a_million_broken_lines_are_counted_and_not_listed() {
    let file = folder("broken").join("broken.jsonl");
    std::fs::write(&file, "{\"eventName\":\"CreateUser\",\"a\":nul}\n".repeat(200_000) + RECORD).unwrap();
    let output = run(&["replay", "--json"], &file);
    let said = text(&output.stderr);
    assert!(said.lines().count() < 20, "{} lines", said.lines().count());
    assert!(said.contains("more unreadable") && said.contains("200,000 unreadable"), "{said}");
}

#[test]
fn a_record_that_the_parser_refuses_raises_its_alert() {
    for hiding in [
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        "9".repeat(5_000),
        r#""\udfff\ud800""#.to_owned(),
    ] {
        let file = folder("hiding").join("hiding.json");
        let record = RECORD.replace(r#"{"name":"main"}"#, &format!(r#"{{"name":"main","x":{hiding}}}"#));
        std::fs::write(&file, record).unwrap();
        let output = run(&["replay", "--json"], &file);
        assert!(text(&output.stdout).contains("\"CRITICAL\""), "{}", text(&output.stderr));
    }
}

#[test]
fn files_that_grow_and_vanish_while_they_are_read_cost_no_others() {
    let mut dice = Dice::new("vanishing files");
    let folder = folder("vanishing");
    let count = rounds(8) * 100;
    for number in 0..count {
        let record = RECORD.replace("\"e1\"", &format!("\"e{number}\""));
        std::fs::write(folder.join(format!("{number:06}.json")), record).unwrap();
    }
    let mut command = Command::new(PROGRAM);
    command.args(["replay", "--json"]).arg(&folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Each third is taken away, each third grows; which of them were read before is the machine's business.
    for _ in 0..count {
        let file = folder.join(format!("{:06}.json", dice.below(count)));
        match dice.below(3) {
            0 => drop(std::fs::remove_file(file)),
            1 => {
                let opened = std::fs::OpenOptions::new().append(true).open(file);
                drop(opened.map(|mut file| std::io::Write::write_all(&mut file, b"\n{\"eventName\":")));
            }
            _ => {}
        }
    }
    let output = child.wait_with_output().unwrap();
    let (out, said) = (text(&output.stdout), text(&output.stderr));
    assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    // Every file that is there now was there all the time.
    for left in std::fs::read_dir(&folder).unwrap() {
        let name = left.unwrap().file_name().into_string().unwrap();
        let number: u64 = name.trim_end_matches(".json").parse().unwrap();
        assert!(out.contains(&format!("\"id\":\"e{number}\"")), "{name}");
    }
}

#[test]
fn a_gzip_bomb_and_a_line_without_end_take_no_memory() {
    let folder = folder("bomb");
    let bomb = folder.join("bomb.json.gz");
    let megabytes = 100 * rounds(2).min(40);
    let script = format!(
        "(printf '{{\"eventName\":\"'; head -c {megabytes}M /dev/zero | tr '\\0' a) | gzip -1 > '{}'",
        bomb.display()
    );
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    // Address space, not memory: the program's own threads and files take some of it.
    let limited = format!("ulimit -v 1500000; exec timeout 600 {PROGRAM} replay --json '{}'", bomb.display());
    let output = Command::new("sh").args(["-c", &limited]).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("bomb.json.gz") && !said.contains("panicked"), "{said}");
}
