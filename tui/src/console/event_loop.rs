//! The loop: wait for something to happen, take in all that has, draw once.
//!
//! Nothing wakes it while nothing happens; a timer runs only while something on the screen counts
//! down. Reading, storing and receiving go on in tasks of their own, and frames are written by a
//! thread of its own, so a slow or frozen terminal holds up the picture and nothing else.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::effects::{Done, Worker};
use super::error::ConsoleError;
use super::input::{Gone, Input, InputEvent};
use crate::app::effect::{Effect, TerminalWork};
use crate::app::msg::Msg;
use crate::app::{State, update};
use crate::model::Event;
use crate::terminal::{self, Terminal};
use crate::view;

/// Messages taken in before a frame is drawn all the same.
const MOST_BEFORE_DRAW: usize = 1_000;
/// From one frame to the next where it is not a key that changes the screen.
const FRAME: Duration = Duration::from_millis(16);

/// Messages that come to the loop, besides input.
pub(super) struct Inbox {
    pub(super) news: mpsc::Receiver<Event>,
    pub(super) answered: mpsc::Receiver<Msg>,
    pub(super) signalled: mpsc::Receiver<terminal::Event>,
}

impl Inbox {
    /// Waits for the next message.
    async fn next(&mut self) -> Option<Msg> {
        tokio::select! {
            biased;
            event = self.signalled.recv() => event.map(signal),
            msg = self.answered.recv() => msg,
            event = self.news.recv() => event.map(Msg::Event),
        }
    }

    /// Returns a message that is there already.
    fn ready(&mut self) -> Option<Msg> {
        let signal = self.signalled.try_recv().ok().map(signal);
        signal.or_else(|| self.answered.try_recv().ok()).or_else(|| self.news.try_recv().ok().map(Msg::Event))
    }
}

const fn signal(event: terminal::Event) -> Msg {
    match event {
        terminal::Event::Signal(number) => Msg::Signal(number),
        terminal::Event::Suspend => Msg::Suspend,
        terminal::Event::Continued => Msg::Continued,
    }
}

/// The loop, and what it uses besides the state.
pub(super) struct EventLoop {
    pub(super) terminal: Terminal,
    pub(super) worker: Worker,
    pub(super) input: Input,
    inbox: Inbox,
    /// Answers of effects that are done at once.
    pending: VecDeque<Msg>,
    /// True while a key's own question to the store waits for its answer.
    is_asking: bool,
}

impl EventLoop {
    pub(super) fn new(terminal: Terminal, worker: Worker, inbox: Inbox) -> Self {
        Self { terminal, worker, input: Input::closed(), inbox, pending: VecDeque::new(), is_asking: false }
    }

    pub(super) fn draw(&mut self, state: &State) -> std::io::Result<()> {
        let links = view::hyperlinks(state);
        self.terminal.draw(state.shell().notifications.title(), &links, |frame| view::draw(frame, state))
    }

    /// Goes round until the console ends, and returns the exit code.
    pub(super) async fn run(&mut self, state: &mut State) -> Result<u8, ConsoleError> {
        let (mut dirty, mut draw_at) = (false, Instant::now());
        loop {
            let wake = state.wake();
            let left = wake.map_or(Duration::ZERO, |wake| {
                Duration::try_from(wake.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO)
            });
            let busy = self.terminal.is_busy();
            let first = tokio::select! {
                // Keys first: a flood of alerts must not keep them waiting.
                biased;
                typed = self.input.next() => match typed {
                    Ok(typed) => typed.map(|typed| message(state, typed)),
                    Err(Gone) => return Ok(1),
                },
                msg = self.inbox.next() => msg,
                () = self.terminal.written(), if busy => {
                    self.input.frame_is_out();
                    None
                }
                () = sleep_until(draw_at), if dirty && !busy => None,
                () = sleep(left), if wake.is_some() => Some(Msg::Tick),
            };
            let now = Timestamp::now();
            let mut next = first;
            for _ in 0..MOST_BEFORE_DRAW {
                let Some(msg) = next else { break };
                // Whoever pressed a key waits for what it does, and for the answer to what it asks.
                let is_key = matches!(msg, Msg::Key(_) | Msg::Mouse(..) | Msg::Continued);
                let is_answer = matches!(msg, Msg::Answer(_)) && std::mem::take(&mut self.is_asking);
                draw_at = if is_key || is_answer { Instant::now() } else { draw_at };
                dirty = true;
                for effect in update(state, msg, now) {
                    self.is_asking |= is_key && matches!(effect, Effect::Lookup(_));
                    if effect == Effect::Terminal(TerminalWork::Suspend) {
                        self.input.settle().await;
                    }
                    match self.worker.carry_out(effect, &mut self.terminal, &mut self.input)? {
                        Done::Nothing => {}
                        Done::Answer(msg) => self.pending.push_back(msg),
                        Done::Quit(code) => return Ok(code),
                    }
                }
                next = match self.pending.pop_front() {
                    Some(msg) => Some(msg),
                    None => match self.input.ready().await {
                        Some(Ok(typed)) => typed.map(|typed| message(state, typed)),
                        Some(Err(Gone)) => return Ok(1),
                        None => self.inbox.ready(),
                    },
                };
            }
            if dirty && !self.terminal.is_busy() && draw_at <= Instant::now() {
                self.draw(state)?;
                (dirty, draw_at) = (false, Instant::now() + FRAME);
            }
        }
    }
}

/// Makes a message of what was typed; of the mouse, with what lies at its place.
fn message(state: &State, typed: InputEvent) -> Msg {
    match typed {
        InputEvent::Mouse(event) => Msg::Mouse(event, view::hit(state, event.column, event.row)),
        InputEvent::Key(key) => Msg::Key(key),
        InputEvent::Paste(text) => Msg::Paste(text),
        InputEvent::Focus(focused) => Msg::Focus(focused),
        InputEvent::Background(light) => Msg::Background(light),
        InputEvent::Resize { width, height } => Msg::Resize { width, height },
    }
}
