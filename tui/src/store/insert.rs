//! Storing of an entry: the alert's row, its titles, its packed body, and what other consoles have said of it before it
//! came.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use super::body::{self, Packer};
use super::graph::{self, Numbered};
use super::{StoreError, insert_links, outbox, read};
use crate::incidents::{Kept, Record};
use crate::model::{Content, Incoming, Row, facet_keys};

/// The statements that store an entry, within a transaction.
pub(super) struct Insert<'t> {
    alert: CachedStatement<'t>,
    body: CachedStatement<'t>,
    known: CachedStatement<'t>,
    titles: CachedStatement<'t>,
    waiting: CachedStatement<'t>,
    connection: &'t Connection,
    packer: Packer,
}

impl<'t> Insert<'t> {
    pub(super) fn new(connection: &'t Connection) -> Result<Self, StoreError> {
        Ok(Self {
            alert: connection.prepare_cached(
                "INSERT INTO alert (id, time, received, severity, event, actor, target, source_ip, account, region,
                 source, actor_key, session_key, access_key, address_key, target_key, outcome, what, job, titles)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?20,
                 (SELECT number FROM titles WHERE words = ?19))
                 ON CONFLICT (id) DO NOTHING",
            )?,
            body: connection.prepare_cached("INSERT INTO body (number, packed) VALUES (?1, ?2)")?,
            known: connection.prepare_cached(read::BY_ID)?,
            titles: connection
                .prepare_cached("INSERT INTO titles (words) VALUES (?1) ON CONFLICT (words) DO NOTHING")?,
            waiting: connection.prepare_cached(outbox::WAITING)?,
            connection,
            packer: Packer::new(),
        })
    }

    /// Stores an entry. The row that is there where it is stored already.
    pub(super) fn one(&mut self, incoming: &Incoming) -> Result<Option<Row>, StoreError> {
        let row = Row::of(incoming);
        let (keys, kept) = match &incoming.content {
            Content::Alert(alert) => (facet_keys(alert), Kept::of(&Record::of_alert(alert, false))),
            Content::Unreadable { .. } => ([None; 5], None),
        };
        if !row.rules.as_str().is_empty() {
            self.titles.execute([row.rules.as_str()])?;
        }
        let [actor, session, access, address, target] = keys;
        let added = self.alert.execute(params![
            row.id.0,
            row.time.as_microsecond(),
            incoming.received.as_microsecond(),
            row.severity.map(read::number),
            row.event.as_str(),
            row.actor.as_str(),
            row.target.as_str(),
            row.source_ip.as_str(),
            row.account.as_str(),
            row.region.as_str(),
            row.source.as_str(),
            actor,
            session,
            access,
            address,
            target,
            row.outcome.map(read::number_of_outcome),
            row.what.as_str(),
            row.rules.as_str(),
            kept.as_ref().and_then(|kept| kept.job),
        ])?;
        if added == 0 {
            return Ok(self.known.query_row([&row.id.0], read::row).optional()?);
        }
        let number = self.connection.last_insert_rowid();
        self.body.execute(params![number, self.packer.pack(&body::encode(&incoming.content)?)?])?;
        outbox::catch_up(self.connection, &mut self.waiting, &incoming.id)?;
        // A record that came as a link before is an alert.
        insert_links::remove(self.connection, &incoming.id)?;
        graph::add(self.connection, Numbered::Alert(number), kept)?;
        Ok(None)
    }
}
