//! The levels of a factor, in the order of the columns of its design.

use core::fmt;

use crate::base::error::Error;
use crate::base::error::text::Text;

/// The Q levels of a factor, in the order of the columns of its
/// [`DummyMatrix`](crate::structure::DummyMatrix).
///
/// ```
/// use covprop::structure::Levels;
///
/// let machine = Levels::<_, 2>::from_labels(&["b", "a", "a"])?;
/// let day = Levels::<_, 2>::from_labels(&["mo", "tu", "mo"])?;
/// assert_eq!(machine.labels(), &["a", "b"]);
///
/// // the columns of the two factors crossed
/// let mut columns = machine.crossed(&day).map(|label| label.to_string());
/// assert!(columns.eq(["a⋈mo", "a⋈tu", "b⋈mo", "b⋈tu"]));
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "factor")]
#[doc(alias = "categorical")]
pub struct Levels<L, const Q: usize> {
    labels: [L; Q],
}

impl<L: Copy + Ord + fmt::Display, const Q: usize> Levels<L, Q> {
    /// Creates levels in the given order.
    ///
    /// # Errors
    ///
    /// Returns [`Error::RepeatedLevel`] if two levels are equal.
    pub fn new(labels: [L; Q]) -> Result<Self, Error> {
        for (i, label) in labels.iter().enumerate() {
            if labels.iter().take(i).any(|earlier| earlier == label) {
                return Err(Error::RepeatedLevel { label: Text::of(label) });
            }
        }
        Ok(Self { labels })
    }

    /// Creates the levels that occur among the labels of observations, in sorted order.
    ///
    /// # Errors
    ///
    /// Returns [`Error::LevelCount`] unless there are exactly Q distinct labels.
    pub fn from_labels(observations: &[L]) -> Result<Self, Error> {
        // Selects the labels one after the other: sorting would need a buffer, and N is small.
        let next_after = |last: Option<L>| {
            observations.iter().copied().filter(|&label| last.is_none_or(|last| label > last)).min()
        };
        let found =
            core::iter::successors(next_after(None), |&last| next_after(Some(last))).count();
        let count = Error::LevelCount { expected: Q, found };
        if found != Q {
            return Err(count);
        }
        let mut labels = *observations.first_chunk::<Q>().ok_or(count)?;
        let mut last = None;
        for label in &mut labels {
            last = next_after(last);
            *label = last.ok_or(count)?;
        }
        Ok(Self { labels })
    }

    /// Returns the labels of the columns of the design, in the order of the columns.
    #[must_use]
    pub const fn labels(&self) -> &[L; Q] {
        &self.labels
    }

    /// Returns the column of a label, or `None` if no level has this label.
    #[must_use]
    pub fn position(&self, label: &L) -> Option<usize> {
        self.labels.iter().position(|level| level == label)
    }

    /// Returns the labels of the columns of the design of two
    /// [crossed](crate::structure::DummyMatrix::crossed) factors. The label for the levels `a` and
    /// `b` is displayed as `a⋈b`.
    pub fn crossed<'a, K: fmt::Display, const R: usize>(
        &'a self,
        other: &'a Levels<K, R>,
    ) -> impl Iterator<Item = CrossedLabel<'a, L, K>> {
        self.labels.iter().flat_map(move |a| other.labels.iter().map(move |b| CrossedLabel(a, b)))
    }
}

/// The label of a pair of levels of two crossed factors, displayed as `a⋈b` for the levels `a` and
/// `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossedLabel<'a, A, B>(pub &'a A, pub &'a B);

impl<A: fmt::Display, B: fmt::Display> fmt::Display for CrossedLabel<'_, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}⋈{}", self.0, self.1)
    }
}
