//! The texts that errors carry.

use core::fmt;

/// A short text that an [`Error`](crate::Error) carries by value; of one that does not fit, the end
/// after a `…`, since the end of a path tells more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    bytes: [u8; Text::CAPACITY],
    len: usize,
    cut: bool,
}

impl Text {
    /// The number of UTF-8 bytes that fit.
    pub const CAPACITY: usize = 62;

    const ELLIPSIS: &str = "…";
    pub(crate) const EMPTY: Self = Self { bytes: [0; Self::CAPACITY], len: 0, cut: false };

    /// The text of anything that can be displayed.
    pub(crate) fn of(value: impl fmt::Display) -> Self {
        let mut text = Self::EMPTY;
        // Fails only where the value's own `Display` does; what came until then is kept.
        let _ = fmt::write(&mut text, format_args!("{value}"));
        text
    }

    /// Restores a text that was written.
    #[cfg(feature = "serde")]
    pub(crate) fn restored(text: &str) -> Self {
        let kept = Self::of(text);
        Self { cut: kept.as_str().starts_with(Self::ELLIPSIS), ..kept }
    }

    /// The text as a string slice.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let twice = Levels::<_, 2>::new(["a", "a"]).unwrap_err();
    /// assert!(matches!(twice, Error::RepeatedLevel { label } if label.as_str() == "a"));
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => Self::ELLIPSIS,
        }
    }

    /// `self` followed by the bytes of `text` that fit.
    pub(crate) const fn then(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.len < Self::CAPACITY {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// `self` followed by the digits of `number`.
    pub(crate) const fn then_number(self, number: usize) -> Self {
        let rest = number / 10;
        let text = if rest > 0 { self.then_number(rest) } else { self };
        // "0123456789" from the digit to the one after it.
        text.then("0123456789".split_at(number % 10).1.split_at(1).0)
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let before = *self;
        let kept = before.as_str();
        if kept.len() + text.len() <= Self::CAPACITY {
            *self = before.then(text);
            return Ok(());
        }
        // The last bytes of both that fit behind the ellipsis, from a character on.
        let kept = if self.cut { kept.trim_start_matches(Self::ELLIPSIS) } else { kept };
        let end = |text: &'_ str, room: usize| {
            let mut start = text.len().saturating_sub(room);
            while !text.is_char_boundary(start) {
                start += 1;
            }
            start
        };
        let room = Self::CAPACITY - Self::ELLIPSIS.len();
        let text = text.get(end(text, room)..).unwrap_or_default();
        let kept = kept.get(end(kept, room - text.len())..).unwrap_or_default();
        *self = Self::EMPTY.then(Self::ELLIPSIS).then(kept).then(text);
        self.cut = true;
        Ok(())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
