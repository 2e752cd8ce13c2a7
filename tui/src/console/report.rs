//! A report on an incident, as a new file.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use detector::{AlertId, SafeText};

use crate::files;
use crate::incidents::{Incident, Said, markdown};
use crate::store::Store;

/// Files of one kind and id that may be in a folder.
const MOST: u32 = 100;

/// Writes `incident-ID.md` into a folder, or `incident-ID-2.md` where there is one, and returns its path. Fails in
/// words.
pub(super) async fn write(store: &Store, incident: &Incident, folder: &Path) -> Result<PathBuf, String> {
    let mut people = Vec::new();
    for alert in &incident.alerts {
        let history = store.history(AlertId(alert.clone())).await.map_err(|error| error.to_string())?;
        people.extend(history.into_iter().map(|step| Said { alert: alert.clone(), step }));
    }
    people.sort_by(|one, other| (one.step.at, &one.alert).cmp(&(other.step.at, &other.alert)));
    new_file(folder, &incident.id, markdown(incident, &people).as_bytes())
}

/// Writes a new file, numbered where there is one of its name.
fn new_file(folder: &Path, id: &str, text: &[u8]) -> Result<PathBuf, String> {
    // An id is foreign text: nothing of it may lead out of the folder.
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    for number in 1..MOST {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("incident-{id}{more}.md"));
        match files::create(&path).and_then(|mut file| file.write_all(text)) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(format!("can't write {}: {}", path.display(), SafeText::new(&error.to_string())));
            }
        }
    }
    Err(format!("delete old files: incident-{id}.md to incident-{id}-{}.md are there", MOST - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{Record, Records};
    use crate::model::testing::alert;
    use crate::model::{Content, TriageAction, TriageCommand};
    use crate::store::Retention;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn a_report_is_a_new_file_with_what_people_noted() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let (quiet, _others) = mpsc::channel(64);
        let store = Store::open(None, Retention::new(400, 8_192), quiet).unwrap();
        let one = alert("../../one", 1);
        let Content::Alert(told) = &one.content else { panic!() };
        let mut records = Records::default();
        records.add(Record::of_alert(told, false));
        let incident = records.incidents().remove(0);
        store.insert(vec![one]).await.unwrap();
        let note = TriageAction::Note(Some("asked alice".to_owned()));
        let alerts = vec![AlertId("../../one".to_owned())];
        store.triage(vec![TriageCommand { alerts, action: note }]).await.unwrap();
        let path = write(&store, &incident, folder).await.unwrap();
        assert_eq!(path, folder.join("incident-one.md"));
        assert!(std::fs::read_to_string(&path).unwrap().contains("`note: asked alice`"));
        assert_eq!(write(&store, &incident, folder).await.unwrap(), folder.join("incident-one-2.md"));
    }
}
