//! Time at which the next post may begin: never closer to the last one than the pace, nor before Slack's
//! `Retry-After` is over. The memory is the process's, so the pace holds from batch to batch.
//!
//! The gap is counted from the end of a post. Slack saw the post before that, so at its side too no two posts
//! are closer. Posts of other instances are not known here. A batch waits out its last gap before it ends, so
//! the pace holds for each batch that is served at the same time, and is set with their number in mind. Posts
//! outside a batch do not wait so: with the queue, those are only of alerts that SNS did not take.

use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

/// The turns.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Mutex<Next>,
}

#[derive(Debug, Default)]
struct Next {
    /// Before this nothing is posted; nothing was posted yet where there is none.
    from: Option<Instant>,
    /// End of the gap after the last post; Slack's own wait is not in it.
    gap_over: Option<Instant>,
    /// True where Slack asked for the wait.
    asked: bool,
}

/// Reason why there is no turn in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// Slack asked to wait, for so much longer.
    Asked(Duration),
    /// It is only that others were before it.
    Busy,
}

/// The right to post once. When it is dropped, however that comes, the wait for the next begins.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    next: MutexGuard<'a, Next>,
    gap: Duration,
    asked: Option<Duration>,
}

impl Pace {
    pub(super) fn new(gap: Duration) -> Self {
        Self { gap, next: Mutex::default() }
    }

    /// The least time between two posts.
    pub(super) const fn gap(&self) -> Duration {
        self.gap
    }

    /// Waits until the gap after the last post is over; not for what Slack asked for, which is longer
    /// than an invocation may wait.
    pub(super) async fn wait_out_the_gap(&self) {
        let over = self.next.lock().await.gap_over;
        if let Some(over) = over {
            tokio::time::sleep(over.saturating_duration_since(Instant::now())).await;
        }
    }

    /// Waits for a turn, unless it would come after `latest`.
    pub(super) async fn turn(&self, latest: Instant) -> Result<Turn<'_>, NoTurn> {
        let next = self.next.lock().await;
        let now = Instant::now();
        let from = next.from.unwrap_or(now).max(now);
        if from > latest {
            return Err(if next.asked { NoTurn::Asked(from.duration_since(now)) } else { NoTurn::Busy });
        }
        tokio::time::sleep(from.duration_since(now)).await;
        Ok(Turn { next, gap: self.gap, asked: None })
    }
}

impl Turn<'_> {
    /// Slack asks for a wait: nobody posts before it is over.
    pub(super) const fn wait(&mut self, asked: Duration) {
        self.asked = Some(asked);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let wait = self.asked.unwrap_or_default().max(self.gap);
        // A wait that no clock can hold is no wait for ever: the header is a stranger's.
        let now = Instant::now();
        self.next.from = now.checked_add(wait);
        self.next.gap_over = now.checked_add(self.gap);
        self.next.asked = self.asked.is_some_and(|asked| asked > self.gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(40);

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn the_first_is_at_once_and_none_is_closer_than_the_pace() {
        let pace = Pace::new(GAP);
        let start = Instant::now();
        drop(pace.turn(soon()).await.unwrap());
        for n in 1..4 {
            drop(pace.turn(soon()).await.unwrap());
            assert!(start.elapsed() >= GAP * n, "{n}");
        }
        assert_eq!(pace.turn(Instant::now()).await.unwrap_err(), NoTurn::Busy);
    }

    #[tokio::test]
    async fn what_slack_asks_for_holds_for_whoever_comes_next() {
        let pace = Pace::new(GAP);
        let mut turn = pace.turn(soon()).await.unwrap();
        turn.wait(Duration::from_secs(60));
        drop(turn);
        let Err(NoTurn::Asked(wait)) = pace.turn(soon()).await else { panic!("it should wait a minute") };
        assert!(wait > Duration::from_secs(55), "{wait:?}");
    }

    #[tokio::test]
    async fn a_post_that_is_given_up_counts_too() {
        let pace = Pace::new(GAP);
        let given_up = async {
            let _turn = pace.turn(soon()).await.unwrap();
            std::future::pending::<()>().await;
        };
        assert!(tokio::time::timeout(GAP, given_up).await.is_err());
        let start = Instant::now();
        drop(pace.turn(soon()).await.unwrap());
        assert!(start.elapsed() >= GAP / 2);
    }
}
