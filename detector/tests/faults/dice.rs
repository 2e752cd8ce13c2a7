//! Random numbers of tests that break things: the same again for the same seed. The console's tests use them too.

/// Random numbers from a seed (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Takes the seed from `SENTINEL_SEED`, else from the clock, and prints it.
    pub(crate) fn new(test: &str) -> Self {
        let given = std::env::var("SENTINEL_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = given.unwrap_or(u64::from(now.subsec_nanos()) ^ now.as_secs()) | 1;
        println!("{test}: SENTINEL_SEED={seed}");
        Self(seed)
    }

    /// A number from 0 on, below this.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
