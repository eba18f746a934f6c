//! The type of the texts in errors.

use core::fmt;

/// A short text in an [`Error`](crate::Error), stored without allocation. If a text is too long,
/// only its end is kept, after a `…`, because the end of a path is its most specific part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    bytes: [u8; Text::CAPACITY],
    len: usize,
    cut: bool,
}

impl Text {
    /// The maximum length in bytes of UTF-8.
    pub const CAPACITY: usize = 62;

    const ELLIPSIS: &str = "…";
    pub(crate) const EMPTY: Self = Self { bytes: [0; Self::CAPACITY], len: 0, cut: false };

    /// Creates a text from a value that can be displayed.
    pub(crate) fn of(value: impl fmt::Display) -> Self {
        let mut text = Self::EMPTY;
        // This fails only if the `Display` of the value does; the text written before is kept.
        let _ = fmt::write(&mut text, format_args!("{value}"));
        text
    }

    /// Restores a text that was serialised.
    #[cfg(feature = "serde")]
    pub(crate) fn restored(text: &str) -> Self {
        let kept = Self::of(text);
        Self { cut: kept.as_str().starts_with(Self::ELLIPSIS), ..kept }
    }

    /// Returns the text as a string slice.
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::structure::Levels;
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

    /// Appends as many bytes of `text` as fit.
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

    /// Appends the digits of `number`.
    pub(crate) const fn then_number(self, number: usize) -> Self {
        let rest = number / 10;
        let text = if rest > 0 { self.then_number(rest) } else { self };
        // Splits the decimal digit out of "0123456789".
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
        // Keeps the last bytes of both texts that fit after the ellipsis, from a character boundary
        // on.
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
