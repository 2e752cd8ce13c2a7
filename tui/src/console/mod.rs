//! The console: the shell around `app`, which waits, draws and does what `app` asks for.

mod event_loop;
mod input;
mod notify_command;

pub(crate) use event_loop::start;
#[cfg(test)]
pub(crate) use event_loop::steps;
