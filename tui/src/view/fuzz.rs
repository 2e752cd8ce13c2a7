//! Any text in any field: what goes to the terminal is a picture and nothing else, and every column
//! stays where it is. Seen through a terminal's own parser.

use proptest::prelude::*;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use serde_json::{Value, json};

use crate::app::msg::{Answer, Msg};
use crate::app::{State, update};
use crate::model::testing::now;
use crate::model::{Backlog, Content, Event, Incoming, Row, SourceStatus};
use crate::view::testing::send;
use detector::{AlertId, Detector, Record};

const WIDTH: u16 = 120;
const HEIGHT: u16 = 20;

/// Any bytes, read as JSON reads them; often with what terminals obey.
fn text() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40)
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let hostile = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{1b}]0;pwned\u{7}",
        "\u{1b}]52;c;ZXZpbA==\u{1b}\\",
        "\u{1b}P1$r\u{1b}\\",
        "\u{9b}31m",
        "\u{9d}8;;http://evil\u{9c}",
        "\u{202e}",
        "\u{200b}",
        "\u{e0041}",
        "\t",
        "\r\n",
        "\u{8}\u{8}",
        "東京",
        "e\u{301}",
        "👩\u{200d}💻",
        "\u{7f}",
        "\0",
        "a b ",
    ]);
    let mixed = prop::collection::vec(hostile, 0..6).prop_map(|parts| parts.concat());
    prop_oneof![any::<String>(), bytes, mixed]
}

fn record(fields: &[String; 9]) -> Value {
    let [name, arn, address, agent, region, account, user, key, value] = fields;
    json!({
        "eventName": "AttachUserPolicy", "eventSource": "iam.amazonaws.com", "eventTime": "2026-11-24T02:00:00Z",
        "eventID": "id", "awsRegion": region, "sourceIPAddress": address, "recipientAccountId": account,
        "userAgent": agent, "userIdentity": {"type": "IAMUser", "userName": name, "arn": arn},
        "requestParameters": {"userName": user, key.as_str(): value,
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    })
}

/// The console with this alert open in it.
fn state(content: Content) -> State {
    let mut state = State::new(WIDTH, HEIGHT, now());
    send(&mut state, Event::Source(SourceStatus::Live { last_receive: now(), backlog: Backlog::default() }));
    let incoming = Incoming { id: AlertId("id".into()), received: now(), content };
    let row = Row::of(&incoming);
    // Not `send`, which answers with an alert of its own.
    update(&mut state, Event::Stored(vec![row]), now());
    let loaded = Answer::Loaded(incoming.id, Some(incoming.content));
    update(&mut state, loaded, now());
    state
}

/// The bytes that a real terminal would get.
fn bytes(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, WIDTH, HEIGHT));
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(&mut bytes), TerminalOptions { viewport }).unwrap();
    terminal.draw(|frame| crate::view::draw(frame, state)).unwrap();
    drop(terminal);
    bytes
}

/// Every control sequence moves the cursor, sets a style or hides the cursor.
fn only_pictures(bytes: &[u8]) -> Result<(), TestCaseError> {
    let text = std::str::from_utf8(bytes).unwrap();
    for (at, part) in text.split('\u{1b}').enumerate() {
        let shown = if at == 0 {
            part
        } else {
            let sequence = part.strip_prefix('[');
            prop_assert!(sequence.is_some(), "not a CSI: {:?}", part);
            let sequence = sequence.unwrap();
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (head, rest) = sequence.split_at(end + 1);
            prop_assert!(head.ends_with(['H', 'm']) || head == "?25l" || head == "?25h", "{:?}", head);
            rest
        };
        prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
    }
    Ok(())
}

fn check(state: &State) -> Result<(), TestCaseError> {
    let bytes = bytes(state);
    only_pictures(&bytes)?;
    let mut parser = vt100::Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
    // This parser passes over the sign for what could not be decoded; terminals draw it, one cell wide.
    let shown = String::from_utf8(bytes).unwrap().replace('\u{fffd}', "?");
    parser.process(shown.as_bytes());
    let screen = parser.screen();
    let layout = state.layout();
    let (list, divider) = (layout.list, layout.divider.x);
    for y in list.top()..list.bottom() {
        let cell = screen.cell(y, divider).unwrap();
        prop_assert_eq!(cell.contents(), "│", "line {} is shifted: {}", y, screen.contents());
    }
    let heads: String = screen.contents_between(list.y, list.x, list.y, divider);
    prop_assert!(heads.starts_with("  TIME UTC SEV    ACTOR      WHAT"), "{}", heads);
    let footer = screen.rows(0, WIDTH).last().unwrap();
    prop_assert!(footer.starts_with(" a ack"), "{}", footer);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_any_field_of_an_alert_is_a_picture(fields in prop::array::uniform9(text())) {
        let record = Record::new(record(&fields)).unwrap();
        if let Some(alert) = Detector::default().detect(&record, now()).alert {
            check(&state(Content::Alert(Box::new(alert))))?;
        }
    }

    #[test]
    fn any_text_in_a_message_that_cannot_be_read_is_a_picture(why in text(), raw in text()) {
        check(&state(Content::Unreadable { why, raw }))?;
    }

    #[test]
    fn any_text_in_a_word_about_what_was_done_is_a_picture(words in text(), typed in text()) {
        let mut state = state(Content::Unreadable { why: String::new(), raw: String::new() });
        update(&mut state, Msg::Passing(words), now());
        only_pictures(&bytes(&state))?;
        crate::view::testing::press(&mut state, crossterm::event::KeyCode::Char(':'));
        update(&mut state, Msg::Paste(typed), now());
        only_pictures(&bytes(&state))?;
    }
}
