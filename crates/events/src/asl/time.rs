//! Lengths of time and numbers of attempts within the limits of the Amazon States Language.

/// A length of time: 1 to 99,999,999 seconds, as the [specification](https://states-language.net/spec.html) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(u32);

impl Seconds {
    /// So many seconds.
    ///
    /// ```
    /// use events::asl::Seconds;
    /// assert_eq!(Seconds::of::<{ 2 * 60 * 60 }>().get(), 7200);
    /// ```
    ///
    /// ```compile_fail
    /// use events::asl::Seconds;
    /// assert_eq!(Seconds::of::<{ 0 * 60 * 60 }>().get(), 7200);
    /// ```
    pub const fn of<const SECONDS: u32>() -> Self {
        const { assert!(SECONDS >= 1 && SECONDS <= 99_999_999, "1 to 99,999,999 seconds") };
        Self(SECONDS)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// How often something is tried again: 1 to 50 times, so that nothing is tried for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts(u8);

impl Attempts {
    /// So many times.
    ///
    /// ```
    /// use events::asl::Attempts;
    /// let _ = Attempts::of::<5>();
    /// ```
    ///
    /// ```compile_fail
    /// use events::asl::Attempts;
    /// let _ = Attempts::of::<0>();
    /// ```
    pub const fn of<const ATTEMPTS: u8>() -> Self {
        const { assert!(ATTEMPTS >= 1 && ATTEMPTS <= 50, "1 to 50 attempts") };
        Self(ATTEMPTS)
    }

    pub(crate) const fn get(self) -> u8 {
        self.0
    }
}
