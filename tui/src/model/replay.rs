//! Speed of a replay that is played, and commands to it.

use std::str::FromStr;

/// More than a day a second.
const FASTEST: u32 = 100_000;
/// Speeds that a key goes through.
const LADDER: [u32; 11] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

/// Command to a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplayCommand {
    /// Stand still, or go on.
    Pause,
    /// The next alert at once, and then stand still.
    Step,
    Faster,
    Slower,
}

/// Speed of a replay: the factor by which it runs faster than the calls were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReplaySpeed(u32);

/// A text that is no speed.
#[derive(Debug, thiserror::Error)]
#[error("speed must be a whole number from 1 to {FASTEST}; 60 or 60x plays an hour in a minute")]
pub(crate) struct InvalidSpeed;

impl FromStr for ReplaySpeed {
    type Err = InvalidSpeed;

    fn from_str(text: &str) -> Result<Self, InvalidSpeed> {
        let number = text.strip_suffix('x').unwrap_or(text).parse().map_err(|_| InvalidSpeed)?;
        (1..=FASTEST).contains(&number).then_some(Self(number)).ok_or(InvalidSpeed)
    }
}

impl std::fmt::Display for ReplaySpeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "x{}", self.0)
    }
}

impl ReplaySpeed {
    /// Returns the factor, from 1 to 100,000.
    pub(crate) const fn factor(self) -> u32 {
        self.0
    }

    /// Returns the next speed up or down; at the ends, the same.
    pub(crate) fn next(self, faster: bool) -> Self {
        let next = if faster {
            LADDER.iter().find(|speed| **speed > self.0)
        } else {
            LADDER.iter().rfind(|speed| **speed < self.0)
        };
        next.map_or(self, |speed| Self(*speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_read_written_and_changed_by_steps() {
        assert_eq!("60".parse::<ReplaySpeed>().unwrap(), "60x".parse().unwrap());
        assert_eq!("60".parse::<ReplaySpeed>().unwrap().to_string(), "x60");
        for wrong in ["", "0", "x60", "1.5", "-1", "100001", "60xx"] {
            assert!(wrong.parse::<ReplaySpeed>().unwrap_err().to_string().contains("60x"), "{wrong}");
        }
        let next = |speed, faster| ReplaySpeed(speed).next(faster).factor();
        assert_eq!((next(60, true), next(60, false), next(1, false), next(3_600, true)), (120, 30, 1, 3_600));
        assert_eq!((next(45, true), next(45, false), next(100_000, false)), (60, 30, 3_600));
    }
}
