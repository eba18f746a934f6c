//! Races: implementations of the same function, in turns, in one thread.

use std::hint::black_box;

use cpu_time::ThreadTime;
use nalgebra::SMatrix;

/// How many turns each implementation has, and how long one is.
#[derive(Clone, Copy)]
pub struct Effort {
    pub turns: usize,
    pub nanoseconds: f64,
}

/// Relative to the largest entry.
const AGREEMENT: f64 = 1e-12;

/// What an implementation writes: numbers, to be compared with those of another.
pub trait Output: Clone {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64));
}

impl Output for f64 {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64)) {
        f(self);
    }
}

impl<const R: usize, const C: usize> Output for SMatrix<f64, R, C> {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64)) {
        self.iter_mut().for_each(f);
    }
}

impl<E: Output, const P: usize> Output for [E; P] {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64)) {
        for entry in self {
            entry.for_each(f);
        }
    }
}

/// All implementations write to the same place, which begins a line of the cache.
#[derive(Clone)]
#[repr(align(64))]
struct Aligned<O>(O);

type Run<'a, O> = Box<dyn FnMut(usize, &mut O) + 'a>;

/// Implementations of one function, ours first.
pub struct Race<'a, O> {
    entrants: Vec<(&'static str, Run<'a, O>)>,
    /// Timed with the others, but of another result.
    pace: Vec<Run<'a, O>>,
}

/// What a race gave.
pub struct Times {
    pub names: Vec<&'static str>,
    /// Nanoseconds by entrant and turn.
    turns: Vec<Vec<f64>>,
    pace: Vec<Vec<f64>>,
}

impl<'a, O: Output + 'a> Race<'a, O> {
    pub fn new() -> Self {
        Self { entrants: Vec::new(), pace: Vec::new() }
    }

    /// Enters `f`, whose inputs the compiler takes to change from call to call.
    pub fn enter<I: ?Sized>(
        &mut self,
        name: &'static str,
        inputs: &'a I,
        f: impl Fn(&I, &mut O) + 'a,
    ) {
        self.entrants.push((name, repeated(inputs, f)));
    }

    /// Adds what is timed in the same turns and bounds all of them.
    pub fn pace<I: ?Sized>(&mut self, inputs: &'a I, f: impl Fn(&I, &mut O) + 'a) {
        self.pace.push(repeated(inputs, f));
    }

    /// Compares the results, then the times.
    ///
    /// # Panics
    ///
    /// If two results differ.
    pub fn run(mut self, what: &str, effort: Effort, empty: O) -> Times {
        let mut out = Box::new(Aligned(empty));
        let out = &mut out.0;
        let mut first: Vec<f64> = Vec::new();
        for (name, run) in &mut self.entrants {
            out.for_each(&mut |x| *x = f64::NAN);
            run(1, out);
            let mut result = Vec::new();
            out.for_each(&mut |x| result.push(*x));
            if first.is_empty() {
                first.clone_from(&result);
            }
            let largest = first.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (place, (ours, theirs)) in first.iter().zip(&result).enumerate() {
                assert!(
                    (ours - theirs).abs() <= AGREEMENT * largest,
                    "{what}: {name} has {theirs} where we have {ours}, entry {place}"
                );
            }
        }
        let names = self.entrants.iter().map(|(name, _)| *name).collect();
        let count = self.entrants.len();
        let mut runs: Vec<Run<'_, O>> =
            self.entrants.into_iter().map(|(_, run)| run).chain(self.pace).collect();
        let calls: Vec<usize> = runs.iter_mut().map(|run| calls_in(effort, run, out)).collect();
        let mut turns = vec![Vec::new(); runs.len()];
        for _ in 0..effort.turns {
            for ((run, &calls), turns) in runs.iter_mut().zip(&calls).zip(&mut turns) {
                turns.push(time(run, calls, out));
            }
        }
        let pace = turns.split_off(count);
        Times { names, turns, pace }
    }
}

fn repeated<'a, I: ?Sized, O>(inputs: &'a I, f: impl Fn(&I, &mut O) + 'a) -> Run<'a, O> {
    Box::new(move |calls, out| {
        for _ in 0..calls {
            f(black_box(inputs), black_box(&mut *out));
        }
    })
}

/// Nanoseconds per call.
fn time<O>(run: &mut Run<'_, O>, calls: usize, out: &mut O) -> f64 {
    let start = ThreadTime::now();
    run(calls, out);
    start.elapsed().as_nanos() as f64 / calls as f64
}

/// How many calls fill a turn.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, below 2⁵²")]
fn calls_in<O>(effort: Effort, run: &mut Run<'_, O>, out: &mut O) -> usize {
    let mut calls = 1;
    loop {
        let once = time(run, calls, out);
        if once * calls as f64 > 0.2 * effort.nanoseconds {
            return (effort.nanoseconds / once).ceil() as usize;
        }
        calls *= 2;
    }
}

impl Times {
    /// The median over the turns of the time of each entrant by that of the first, which is ours.
    pub fn ratios(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.names.iter().zip(&self.turns).skip(1).map(|(&name, turns)| {
            let ratios = turns.iter().zip(&self.turns[0]).map(|(theirs, ours)| theirs / ours);
            (name, quantile(ratios.collect(), 0.5))
        })
    }

    /// Our time in nanoseconds, as a quantile over the turns.
    pub fn ours(&self, q: f64) -> f64 {
        quantile(self.turns[0].clone(), q)
    }

    /// The time of a pace.
    pub fn pace(&self, index: usize, q: f64) -> f64 {
        quantile(self.pace[index].clone(), q)
    }
}

pub fn quantile(mut x: Vec<f64>, q: f64) -> f64 {
    x.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let place = (q * (x.len() - 1) as f64).round() as usize;
    x[place]
}

pub fn geometric_mean(x: impl IntoIterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = x.into_iter().map(f64::ln).collect();
    (logs.iter().sum::<f64>() / logs.len() as f64).exp()
}

/// The median time in nanoseconds of what is not compared with others.
pub fn median(effort: Effort, mut f: impl FnMut()) -> f64 {
    let mut run: Run<'_, ()> = Box::new(move |calls, ()| (0..calls).for_each(|_| f()));
    let calls = calls_in(effort, &mut run, &mut ());
    quantile((0..effort.turns).map(|_| time(&mut run, calls, &mut ())).collect(), 0.5)
}
