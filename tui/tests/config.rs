//! The configuration as it is used: who beats whom, files with mistakes, `config init`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// A home of this test's own, and nothing of the environment that could tell the program anything.
struct Home(PathBuf);

impl Home {
    fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{test}"));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("sentinel-tui/config.toml")
    }

    fn write(&self, text: &str) {
        std::fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        std::fs::write(self.file(), text).unwrap();
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
        command.args(arguments).env_clear().env("HOME", &self.0).env("XDG_CONFIG_HOME", &self.0);
        command.envs(environment.iter().copied()).output().unwrap()
    }
}

fn in_toml(value: &str) -> String {
    if value.parse::<u32>().is_ok() { value.to_owned() } else { format!("'{value}'") }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Settings that are texts or numbers: name, variable, default, and what is said by flag, environment and file.
const PRECEDENCE: &[(&str, &str, &str, [&str; 3])] = &[
    ("queue-url", "SENTINEL_QUEUE_URL", "not set", PATHS),
    ("topic-arn", "SENTINEL_TOPIC_ARN", "not set", PATHS),
    ("probe-every", "SENTINEL_PROBE_EVERY", "5", ["1", "2", "3"]),
    ("db", "SENTINEL_DB", "not set", PATHS),
    ("profile", "SENTINEL_PROFILE", "not set", PATHS),
    ("region", "SENTINEL_REGION", "not set", PATHS),
    ("rules", "SENTINEL_RULES", "not set", PATHS),
    ("log", "SENTINEL_LOG", "sentinel_tui=info", ["debug", "warn", "error"]),
    ("theme", "SENTINEL_THEME", "auto", ["dark", "light", "mono"]),
    ("notify", "SENTINEL_NOTIFY", "auto", ["bell", "off", "osc99"]),
    ("notify-level", "SENTINEL_NOTIFY_LEVEL", "high", ["low", "medium", "critical"]),
    ("notify-filter", "SENTINEL_NOTIFY_FILTER", "not set", ["actor:flag", "actor:env", "actor:file"]),
    ("notify-command", "SENTINEL_NOTIFY_COMMAND", "not set", PATHS),
    ("keep-days", "SENTINEL_KEEP_DAYS", "400", ["1", "2", "3"]),
    ("keep-size", "SENTINEL_KEEP_SIZE", "8192", ["1", "2", "3"]),
];
const PATHS: [&str; 3] = ["/flag", "/env", "/file"];

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let home = Home::new("precedence");
    for &(key, variable, default, [by_flag, by_environment, by_file]) in PRECEDENCE {
        let flag = format!("--{key}={by_flag}");
        let flag: &[&str] = &[&flag];
        // Set to nothing is not set.
        let (set, empty): (&[_], &[_]) = (&[(variable, by_environment)], &[(variable, "")]);
        let (in_file, no_file) = (format!("{key} = {}\n", in_toml(by_file)), String::new());
        for (flags, environment, file, value, origin) in [
            (flag, set, &in_file, by_flag, format!("flag --{key}")),
            (&[], set, &in_file, by_environment, format!("environment {variable}")),
            (&[], empty, &in_file, by_file, "file, line 1".to_owned()),
            (flag, &[], &in_file, by_flag, format!("flag --{key}")),
            (&[], &[], &in_file, by_file, "file, line 1".to_owned()),
            (&[], set, &no_file, by_environment, format!("environment {variable}")),
            (&[], empty, &no_file, default, "default".to_owned()),
        ] {
            home.write(file);
            let output = home.run(&[&["config", "show", "--origin"], flags].concat(), environment);
            let shown = text(&output.stdout);
            let line = shown.lines().find(|line| line.trim_start_matches("# ").starts_with(key)).unwrap();
            assert!(
                line.contains(value) && line.ends_with(&format!("# {origin}")),
                "{line} is not {value}, {origin}"
            );
            assert!(output.status.success());
        }
    }
}

#[test]
fn what_is_on_or_off_can_be_said_in_all_three_places_and_no_setting_is_left_out() {
    let home = Home::new("switches");
    let switches = [("ascii", "SENTINEL_ASCII"), ("no-mouse", "SENTINEL_NO_MOUSE")];
    for (key, variable) in switches {
        let flag = format!("--{key}");
        let flag: &[&str] = &[&flag];
        for (flags, value, file, shown) in [
            (flag, "0", "false", format!("{key} = true")),
            (&[], "0", "true", format!("{key} = false")),
            (&[], "1", "false", format!("{key} = true")),
            (&[], "", "true", format!("{key} = true")),
            (&[], "", "false", format!("{key} = false")),
        ] {
            home.write(&format!("{key} = {file}\n"));
            let output = home.run(&[&["config", "show"], flags].concat(), &[(variable, value)]);
            assert!(
                text(&output.stdout).lines().any(|line| line == shown),
                "{shown}: {}",
                text(&output.stdout)
            );
        }
    }
    home.write("");
    let all = text(&home.run(&["config", "show"], &[]).stdout);
    assert_eq!(
        all.lines().count(),
        1 + PRECEDENCE.len() + switches.len(),
        "a new setting needs a line here:\n{all}"
    );
}

#[test]
fn a_file_with_mistakes_stops_what_goes_by_it_and_nothing_else() {
    let home = Home::new("mistakes");
    home.write("# mine\nprofil = \"x\"\nregion = 1\n");
    for arguments in [&["rules"][..], &["replay", "--json", "-"], &[]] {
        let output = home.run(arguments, &[]);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(
            said.contains("config.toml:2:1: there is no setting `profil`; did you mean `profile`?"),
            "{said}"
        );
        assert!(said.contains("config.toml:3:10: `region` must be a string in quotes"), "{said}");
    }
    let shown = home.run(&["config", "show"], &[]);
    assert_eq!(shown.status.code(), Some(1));
    for arguments in
        [&["config", "init", "--print"][..], &["config", "schema"], &["man"], &["completions", "bash"]]
    {
        assert!(home.run(arguments, &[]).status.success(), "{arguments:?}");
    }
    let missing = home.run(&["rules"], &[("SENTINEL_CONFIG", "/no/such/file")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("/no/such/file"));
}

#[test]
fn a_filter_that_is_none_is_refused_with_its_place_wherever_it_is_said() {
    let home = Home::new("filter");
    let wrong = "-event:Get* acto:ci";
    let place = "there is no field acto: did you mean actor?\n  -event:Get* acto:ci\n              ^^^^";
    let by_flag = home.run(&["demo", &format!("--notify-filter={wrong}")], &[]);
    let by_environment = home.run(&["demo"], &[("SENTINEL_NOTIFY_FILTER", wrong)]);
    home.write(&format!("notify-filter = '{wrong}'\n"));
    let by_file = home.run(&["demo"], &[]);
    for (output, who) in
        [(by_flag, "--notify-filter"), (by_environment, "--notify-filter"), (by_file, "config.toml:1:17: ")]
    {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(place) && said.contains(who), "{said}");
    }
}

#[test]
fn init_writes_once_for_its_owner_only() {
    let home = Home::new("init");
    let output = home.run(&["config", "init"], &[]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout).trim(), home.file().to_str().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(home.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(home.run(&["config", "show"], &[]).status.success(), "what it writes can be read");
    home.write("region = \"mine\"\n");
    let again = home.run(&["config", "init"], &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("not overwritten"));
    assert_eq!(std::fs::read_to_string(home.file()).unwrap(), "region = \"mine\"\n");
}
