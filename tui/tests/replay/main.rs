//! `sentinel-tui replay --json` as it is run: every form of input, what can't be read, order, filters,
//! pipes, and memory.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod incident;
mod input;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use input::{Folder, alert, dull, gzip, records};
use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
    command.args(["replay", "--json"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Result of a run.
struct Run {
    code: i32,
    /// Ids of the alerts, in order.
    alerts: Vec<String>,
    /// Lines on standard error, the summary last.
    words: Vec<String>,
}

fn run(arguments: &[&str]) -> Run {
    run_with(arguments, b"")
}

fn run_with(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    drop(writer.join().unwrap());
    let text = String::from_utf8(output.stdout).unwrap();
    let alerts = text.lines().map(|line| {
        // Nothing but JSON lines is on standard output, and each is an alert of the contract.
        let alert: Value = serde_json::from_str(line).unwrap();
        assert_eq!(alert["version"], 1);
        alert["id"].as_str().unwrap().to_owned()
    });
    let words = String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect();
    Run { code: output.status.code().unwrap(), alerts: alerts.collect(), words }
}

#[test]
fn one_event_in_two_trails_is_told_once_and_what_holds_no_calls_is_counted() {
    let folder = Folder::new("trails");
    let (a, b) = (alert("a"), alert("b"));
    folder.file("AWSLogs/1/CloudTrail/one.json", records(&[&a, &dull()]).as_bytes());
    folder.file("AWSLogs/1/CloudTrail/two.json.gz", &gzip(records(&[&a, &b]).as_bytes()));
    folder.file("AWSLogs/1/CloudTrail/empty.json", b"");
    folder.file(
        "AWSLogs/1/CloudTrail/notice.json",
        br#"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}"#,
    );
    for beside in ["CloudTrail-Digest", "CloudTrail-Aggregated", "vpcflowlogs"] {
        folder.file(&format!("AWSLogs/1/{beside}/x.json.gz"), b"nobody looks into it");
    }
    folder.file("AWSLogs/1/CloudTrail/insights.json", br#"{"Records":[{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com","eventCategory":"Insight"},{"eventName":"DescribeInstances","eventSource":"ec2.amazonaws.com","eventCategory":"Insight"}]}"#);
    let run = run(&[&folder.path()]);
    assert_eq!((run.code, run.alerts.len()), (0, 2), "{:?}", run.words);
    assert_eq!(run.words[1], "skipped 1 duplicate of these alerts, from other trails or files");
    assert_eq!(
        run.words[2],
        "skipped: 2 Insight events, 1 S3 notification, 1 empty file, 1 file or folder of aggregated events, 1 file or folder of digests, 1 file or folder of flow logs"
    );
}

#[test]
fn every_form_of_input_gives_the_same_alerts() {
    let (a, b) = (alert("a"), alert("b"));
    let all = [a.as_str(), &dull(), &b];
    let forms = [
        ("file.json", records(&all)),
        ("array.json", format!("[{}]", all.join(",\n"))),
        ("lines.ndjson", all.join("\n")),
        (
            "envelopes.jsonl",
            all.map(|record| format!(r#"{{"detail-type":"x","detail":{record}}}"#)).join("\n"),
        ),
        ("files.ndjson", all.map(|record| records(&[record])).join("\n")),
    ];
    let folder = Folder::new("forms");
    for (name, text) in &forms {
        let plain = folder.file(name, text.as_bytes());
        let packed = folder.file(&format!("{name}.gz"), &gzip(text.as_bytes()));
        for run in [
            run(&[&plain]),
            run(&[&packed]),
            run_with(&["-"], text.as_bytes()),
            run_with(&["-"], &gzip(text.as_bytes())),
        ] {
            assert_eq!(
                (run.code, run.alerts),
                (0, vec!["a".to_owned(), "b".to_owned()]),
                "{name}: {:?}",
                run.words
            );
            let summary = run.words.join("\n");
            assert!(summary.starts_with("1 file, 3 records, 2 alerts (2 medium), "), "{summary}");
            assert!(summary.ends_with(" records/s"), "{summary}");
        }
    }
    let single = run(&[&folder.file("single.json", a.as_bytes())]);
    assert_eq!((single.code, single.alerts), (0, vec!["a".to_owned()]));
    let none = run(&[&folder.file("none.json", dull().as_bytes())]);
    assert_eq!((none.code, none.alerts.len()), (0, 0));
    assert!(none.words[0].starts_with("1 file, 1 record, 0 alerts, "), "{:?}", none.words);
}

#[test]
fn a_folder_is_walked_in_name_order_and_only_log_files_are_read() {
    let folder = Folder::new("layout");
    let s3 = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11";
    folder.file(&format!("{s3}/24/b.json.gz"), &gzip(records(&[&alert("3")]).as_bytes()));
    folder.file(&format!("{s3}/24/a.json.gz"), &gzip(records(&[&alert("2")]).as_bytes()));
    folder.file(&format!("{s3}/03/z.json.gz"), &gzip(records(&[&alert("1")]).as_bytes()));
    folder.file("AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/24/d.json.gz", b"no records");
    folder.file(&format!("{s3}/24/111122223333_CloudTrail-Digest_us-east-1.json.gz"), b"no records");
    folder.file(&format!("{s3}/README.md"), b"no records");
    let first = folder.file("zz.txt", alert("0").as_bytes());
    let run = run(&[&first, &folder.path()]);
    assert_eq!(
        (run.code, run.alerts),
        (0, ["0", "1", "2", "3"].map(str::to_owned).to_vec()),
        "{:?}",
        run.words
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_done() {
    let folder = Folder::new("broken");
    let good = folder.file("good.json", records(&[&alert("good")]).as_bytes());
    let many: Vec<_> = (0..2_000).map(|number| alert(&format!("cut-{number}"))).collect();
    let whole = gzip(records(&many.iter().map(String::as_str).collect::<Vec<_>>()).as_bytes());
    let (a, b) = (alert("a"), alert("b"));
    let empty_folder = Folder::new("empty");
    for (name, path, before, words) in [
        ("no gzip", folder.file("bad.json.gz", b"\x1f\x8bno gzip"), 0, "bad.json.gz: read error at record 1"),
        (
            "cut gzip",
            folder.file("cut.json.gz", &whole[..whole.len() / 2]),
            500,
            "cut.json.gz: read error at record",
        ),
        (
            "array",
            folder.file("array.json", format!("[{a},{{,{b}]").as_bytes()),
            1,
            "array.json: record 2: invalid JSON",
        ),
        ("line", folder.file("line.ndjson", format!("{a}\n{{nonsense\n{b}\n").as_bytes()), 2, "line skipped"),
        (
            "record",
            folder.file("record.json", format!("[{a},{{\"x\":1}},{b}]").as_bytes()),
            2,
            "not a CloudTrail record: no `eventName`: {\"x\":1}",
        ),
        ("missing", format!("{}/missing.json", folder.path()), 0, "missing.json: No such file"),
        ("empty folder", empty_folder.path(), 0, "no log files found"),
        ("hostile", folder.file("\u{1b}[2J\n.json", b"{\"\x1b[31m\":1}"), 0, "␛[2J⏎.json: "),
    ] {
        let run = run(&[&path, &good]);
        assert_eq!(run.code, 1, "{name}: {:?}", run.words);
        assert!(
            run.alerts.len() > before && run.alerts.last().unwrap() == "good",
            "{name}: {}",
            run.alerts.len()
        );
        assert!(
            run.words[0].starts_with("sentinel-tui: ") && run.words[0].contains(words),
            "{name}: {:?}",
            run.words
        );
        assert_eq!(run.words.len(), 2, "{name}: {:?}", run.words);
        assert!(run.words[1].ends_with("; 1 unreadable"), "{name}: {:?}", run.words);
        assert!(!run.words[0].contains('\u{1b}'));
    }
    let empty = run(&[&folder.file("empty.json", b""), &good]);
    assert_eq!((empty.code, empty.alerts.len()), (0, 1), "an empty file holds nothing that could be missed");
}

#[test]
fn rules_that_cannot_be_used_and_times_that_cannot_be_are_no_success() {
    let folder = Folder::new("rules");
    let log = folder.file("a.json", records(&[&alert("a")]).as_bytes());
    let rules = folder.file("rules/broken.yml", b"title: t\nlevel: hihg\n");
    let found = run(&["--rules", &rules, &log]);
    assert_eq!((found.code, found.alerts.len()), (1, 1), "{:?}", found.words);
    assert!(found.words.iter().any(|line| line.contains("broken.yml")), "{:?}", found.words);
    let found = run(&["--since", "2026-01-02", "--until", "2026-01-01", &log]);
    assert_eq!((found.code, found.alerts.len()), (2, 0), "{:?}", found.words);
    assert!(found.words.iter().any(|line| line.contains("--since must be before --until")));
}

#[test]
fn output_keeps_the_order_of_the_input_over_many_files() {
    let folder = Folder::new("order");
    let mut expected = Vec::new();
    for file in 0..200 {
        // Large ones among small ones, and more alerts than may wait for their turn.
        let count = if file % 50 == 0 { 300 } else { file % 3 };
        let ids: Vec<_> = (0..count).map(|number| format!("{file:03}-{number:03}")).collect();
        let lines: Vec<_> = ids.iter().map(|id| format!("{}\n{}", alert(id), dull())).collect();
        folder.file(&format!("{file:03}.json.gz"), &gzip(lines.join("\n").as_bytes()));
        expected.extend(ids);
    }
    let run = run(&[&folder.path()]);
    assert_eq!((run.code, run.alerts), (0, expected));
}

#[test]
fn only_what_is_wanted_comes_out() {
    let folder = Folder::new("wanted");
    // Of 02:00, 03:00 and 04:00; the middle one is critical.
    let administrator = alert("3").replace("CreateUser", "AttachUserPolicy").replace(
        r#""userName":"bob""#,
        r#""userName":"bob","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess""#,
    );
    let at = |record: &str, hour: u8| record.replace("T02:00:00Z", &format!("T{hour:02}:00:00Z"));
    let path = folder
        .file("three.json", records(&[&alert("2"), &at(&administrator, 3), &at(&alert("4"), 4)]).as_bytes());
    for (options, expected) in [
        (&["--since", "2026-11-24T03:00:00Z"][..], &["3", "4"][..]),
        (&["--until", "2026-11-24T03:00:00Z"], &["2"]),
        (&["--since", "2026-11-24", "--until", "2026-11-25"], &["2", "3", "4"]),
        (&["--until", "30000d"], &[]),
        (&["--min-severity", "HIGH"], &["3"]),
        (&["--filter", "event:Create* until:2026-11-24T03:30"], &["2"]),
        (&["--filter", "sev>=high or -actor:alice or id=4"], &["3", "4"]),
        (&["--filter", "-event:Create*"], &["3"]),
        (&["--min-severity", "medium", "--since", "2026-11-24T05:30:00+02:00"], &["4"]),
    ] {
        let run = run(&[options, &[path.as_str()]].concat());
        assert_eq!(
            (run.code, run.alerts),
            (0, expected.iter().map(ToString::to_string).collect()),
            "{options:?}"
        );
    }
    let wrong = run(&["--since", "yesterday", &path]);
    assert!(wrong.code == 2 && wrong.words.join(" ").contains("2h or 30d"), "{:?}", wrong.words);
    let wrong = run(&["--filter", "žofie acto:alice", &path]);
    let words = wrong.words.join("\n");
    assert!(
        wrong.code == 2 && words.contains("did you mean actor?\n  žofie acto:alice\n        ^^^^\n"),
        "{words}"
    );
}

#[test]
fn a_reader_that_has_enough_ends_it_without_a_word() {
    let folder = Folder::new("pipe");
    let many: Vec<_> = (0..1_000).map(|number| alert(&number.to_string())).collect();
    let mut child = command(&[&folder.file("many.ndjson", many.join("\n").as_bytes())]).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"version\":1"));
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!((child.wait().unwrap().code(), words.as_str()), (Some(0), ""));
}

#[test]
fn an_endless_stream_shows_its_alerts_as_they_come() {
    let mut child = command(&["-"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut alerts = BufReader::new(child.stdout.take().unwrap()).lines();
    for id in ["one", "two"] {
        writeln!(stdin, "{}\n{}", dull(), alert(id)).unwrap();
        // The stream goes on, and this does not wait for its end.
        assert!(alerts.next().unwrap().unwrap().contains(&format!("\"id\":\"{id}\"")));
    }
    drop(stdin);
    assert!(alerts.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Two inputs of 150 MB each: an array in one gzip file, lines from a pipe.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_input() {
    const SIZE: usize = 150_000_000;
    let folder = Folder::new("memory");
    let record = dull();
    let count = SIZE / record.len();
    let array = format!("[{}{}]", format!("{record},").repeat(count), alert("array"));
    let path = folder.file("large.json.gz", &gzip(array.as_bytes()));
    drop(array);
    let mut child = command(&[&path, "-"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let lines = format!("{record}\n").repeat(1_000);
        for _ in 0..count / 1_000 {
            stdin.write_all(lines.as_bytes()).unwrap();
        }
        writeln!(stdin, "{}", alert("lines")).unwrap();
        // Open for as long as it is looked at.
        stdin
    });
    let mut alerts = BufReader::new(child.stdout.take().unwrap()).lines();
    for id in ["array", "lines"] {
        assert!(alerts.next().unwrap().unwrap().contains(&format!("\"id\":\"{id}\"")));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 64_000, "{kilobytes} kB");
    drop(writer.join().unwrap());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Standard output of a command that ends well.
fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sentinel-tui")).args(arguments).output().unwrap();
    let (text, words) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{words}");
    text
}

#[test]
fn all_records_of_a_key_an_actor_or_an_address_are_listed_and_summed_up() {
    let folder = Folder::new("calls");
    let call = |id: &str, name: &str, user: &str, key: &str, ip: &str, error: &str| {
        let mut record = serde_json::json!({"eventID": id, "eventName": name, "eventSource": "iam.amazonaws.com",
            "eventTime": "2026-11-26T10:00:00Z", "awsRegion": "us-east-1", "sourceIPAddress": ip,
            "recipientAccountId": "111122223333", "requestParameters": {"userName": "bob"},
            "userIdentity": {"type": "IAMUser", "userName": user, "accessKeyId": key,
                "arn": format!("arn:aws:iam::111122223333:user/{user}")}});
        if !error.is_empty() {
            record["errorCode"] = error.into();
        }
        record.to_string()
    };
    let all = [
        call("1", "ListUsers", "eve", "AKIAEVE", "192.0.2.1", ""),
        call("2", "GetUser", "eve", "AKIAEVE", "192.0.2.2", "AccessDenied"),
        call("3", "CreateAccessKey", "eve", "AKIAEVE", "192.0.2.1", ""),
        call("4", "ListUsers", "adam", "AKIAADAM", "198.51.100.1", ""),
        // The same event in another trail.
        call("1", "ListUsers", "eve", "AKIAEVE", "192.0.2.1", ""),
    ];
    folder.file("log.json", all.join("\n").as_bytes());
    let path = &folder.path();
    let ids = |arguments: &[&str]| -> Vec<String> {
        let text = output(&[&["replay", "--json"], arguments, &[path]].concat());
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        text.lines().map(id).collect()
    };
    assert_eq!(ids(&["--key", "AKIAEVE"]), ["1", "2", "3"]);
    assert_eq!(ids(&["--ip", "192.0.2.0/31"]), ["1", "3"]);
    assert_eq!(ids(&["--actor", "ada"]), ["4"]);
    assert_eq!(ids(&["--actor", "eve", "--filter", "outcome:denied"]), ["2"]);
    assert_eq!(ids(&["--key", "AKIAEVE", "--min-severity", "low"]), ["3"]);

    let text = output(&["replay", "--summary", "--json", path]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let eve = &lines[0];
    assert_eq!((&eve["name"], &eve["calls"], &eve["denied"]), (&"eve".into(), &3.into(), &1.into()));
    assert_eq!(eve["addresses"], serde_json::json!(["192.0.2.1", "192.0.2.2"]));
    assert_eq!(eve["alerts"].as_object().unwrap().len(), 1);
    let table = output(&["replay", "--summary", path]);
    assert!(table.lines().count() == 3 && table.lines().next().unwrap().starts_with("ACTOR"), "{table}");
}
