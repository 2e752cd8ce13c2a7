//! The configuration: one TOML file, whose settings are the options of the command line that have an
//! environment variable.
//!
//! There is one definition of each setting, `cli::Cli`. What the file says is checked by the option's
//! own parser, and given to clap as the option's default: so a flag beats the environment, the
//! environment beats the file, the file beats the built-in default, and clap knows who said what.
//! Called once, by `main`.

mod file;
mod print;
mod setting;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use crate::cli::{self, Cli, ConfigCommand};
use file::File;
pub(crate) use file::Problem;
use setting::{Kind, settings};

/// Configuration in force, with the origin of each setting.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) cli: Cli,
    /// Every setting, in the order of the help.
    pub(crate) settings: Vec<Setting>,
    /// Actions with keys of the user's own, each with its line in the file.
    pub(crate) keys: Vec<(String, Vec<String>, usize)>,
    /// Path of the configuration file, which need not exist. `None` where no home directory is known.
    pub(crate) path: Option<PathBuf>,
    /// True where the file was read. Commands that do not need the file leave it unread.
    pub(crate) found: bool,
    /// Problems of the file. Where there is any, nothing in the file takes effect.
    pub(crate) problems: Vec<Problem>,
}

/// A setting and its origin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: String,
    /// None where nobody has said, and there is no default.
    pub(crate) value: Option<String>,
    pub(crate) origin: Origin,
}

/// Origin of a setting's value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Flag(String),
    /// A variable of the environment.
    Environment(String),
    /// The configuration file, at this line.
    File(usize),
    Default,
}

/// Reason why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("can't read the configuration file {}: {source}; check --config or SENTINEL_CONFIG", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

/// Reads the command line, the environment and the file. Ends the process where the command line is
/// wrong, or asks for help: clap says what there is to say.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Configured, ConfigError> {
    let arguments: Vec<OsString> = arguments.collect();
    let command = command();
    let first = match command.clone().try_get_matches_from(&arguments) {
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            cli::help::for_subcommands(command.clone()).get_matches_from(&arguments)
        }
        other => other.unwrap_or_else(|error| error.exit()),
    };
    let named: Option<PathBuf> = first.get_one("config").cloned();
    let path = named.clone().or_else(default_path);
    let text = match &path {
        Some(path) if wants_file(&first) => match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            // No file is no error, but where somebody has named it.
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => None,
            Err(source) => return Err(ConfigError::Unreadable { path: path.clone(), source }),
        },
        _ => None,
    };
    let file = match (&path, &text) {
        (Some(path), Some(text)) => File::read(path, text, &Cli::command()),
        _ => File::default(),
    };
    let matches = file.entries.iter().fold(command, |command, entry| {
        command.mut_arg(&entry.id, |arg| arg.default_value(entry.value.clone()))
    });
    let matches = matches.get_matches_from(&arguments);
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    cli.settings.keys = file.keys.iter().map(|(action, keys, _)| (action.clone(), keys.clone())).collect();
    let settings = settings(&Cli::command()).map(|arg| setting(arg, &matches, &file)).collect();
    Ok(Configured { cli, settings, keys: file.keys, path, found: text.is_some(), problems: file.problems })
}

/// The command line, to which a variable that is set to nothing is one that is not set.
fn command() -> Command {
    cli::generated::command().mut_args(|arg| {
        let empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        if empty { arg.env(None::<&'static str>) } else { arg }
    })
}

/// True where the command needs the configuration file. Commands that write or describe files do not: they
/// must work even where the configuration file is broken.
fn wants_file(matches: &ArgMatches) -> bool {
    match matches.subcommand() {
        Some(("completions" | "man", _)) => false,
        Some(("config", config)) => config.subcommand_name() == Some("show"),
        _ => true,
    }
}

fn setting(arg: &clap::Arg, matches: &ArgMatches, file: &File) -> Setting {
    let id = arg.get_id().as_str();
    let values = matches.get_raw(id).map(|values| values.map(|value| value.to_string_lossy().into_owned()));
    let entry = file.entries.iter().find(|entry| entry.id == id);
    let origin = match (matches.value_source(id), entry) {
        (Some(ValueSource::CommandLine), _) => Origin::Flag(format!("--{}", setting::key(arg))),
        (Some(ValueSource::EnvVariable), _) => {
            Origin::Environment(arg.get_env().unwrap_or_default().to_string_lossy().into_owned())
        }
        (Some(_), Some(entry)) => Origin::File(entry.line),
        _ => Origin::Default,
    };
    let value = match setting::kind(arg) {
        // `1` and `yes` are true too, in the environment.
        Kind::Boolean => matches.try_get_one::<bool>(id).ok().flatten().map(ToString::to_string),
        _ => values.and_then(|mut values| values.next()),
    };
    Setting { key: setting::key(arg).to_owned(), value, origin }
}

/// Returns the default path of the file, in the configuration directory of the XDG specification.
fn default_path() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("sentinel-tui").join("config.toml"))
}

/// Runs `sentinel-tui config`. Whether all is well comes back.
pub(crate) fn run(command: &ConfigCommand, configured: &Configured) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    match command {
        ConfigCommand::Init { print: true } => print::template(&mut out, &Cli::command()),
        ConfigCommand::Init { print: false } => Ok(init(configured.path.as_deref())),
        ConfigCommand::Show { origin } => print::show(&mut out, configured, *origin),
        ConfigCommand::Schema => print::schema(&mut out, &Cli::command()),
    }
}

/// Writes the commented default, for its owner's eyes, and never over another.
fn init(path: Option<&Path>) -> bool {
    let Some(path) = path else {
        eprintln!("sentinel-tui: no home directory for the configuration file: choose a file with --config");
        return false;
    };
    match write_default(path) {
        Ok(()) => {
            println!("{}", path.display());
            return true;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => eprintln!(
            "sentinel-tui: {} exists, not overwritten; use --print to show the default",
            path.display()
        ),
        Err(error) => eprintln!("sentinel-tui: can't write {}: {error}", path.display()),
    }
    false
}

fn write_default(path: &Path) -> io::Result<()> {
    let mut text = Vec::new();
    print::template(&mut text, &Cli::command())?;
    crate::files::make_folder_of(path)?;
    crate::files::create(path)?.write_all(&text)
}
