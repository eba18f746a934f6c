//! Covariance matrices that are a part of θ, and ways on their cone: a G of less than full rank may have a way up that is no
//! way in the coordinates of θ, because there the first derivative vanishes.

/// A part of θ that may be any covariance matrix.
#[derive(Clone, Copy, Debug)]
pub struct Cone {
    pub by: By,
    /// Where its parameters begin.
    pub offset: usize,
    /// Its rows.
    pub size: usize,
}

/// The parametrisation.
#[derive(Clone, Copy, Debug)]
pub enum By {
    LogCholesky,
    Unconstrained,
    /// L Lᵀ.
    Triangular,
}

/// In place of an infinite entry of L.
const INFINITE: f64 = 1e12;

type Square = Vec<Vec<f64>>;

/// The places up to the diagonal, row by row.
fn lower(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

/// The places below the diagonal, row by row.
fn strictly_lower(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(|i| (0..i).map(move |j| (i, j)))
}

impl Cone {
    /// Returns G(θ).
    pub fn value(&self, theta: &[f64]) -> Square {
        let q = self.size;
        let theta = &theta[self.offset..];
        let mut root = vec![vec![0.0; q]; q];
        match self.by {
            By::Unconstrained => {
                for (x, (i, j)) in theta.iter().zip(lower(q)) {
                    root[i][j] = if i == j { (2.0 * x).exp() } else { *x };
                    root[j][i] = root[i][j];
                }
                return root;
            }
            By::Triangular => {
                for (x, (i, j)) in theta.iter().zip(lower(q)) {
                    root[i][j] = *x;
                }
            }
            By::LogCholesky => {
                for (x, (i, j)) in theta[q..].iter().zip(strictly_lower(q)) {
                    root[i][j] = x.clamp(-INFINITE, INFINITE);
                }
                for (i, row) in root.iter_mut().enumerate() {
                    row[i] = 1.0;
                    let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
                    for x in row.iter_mut() {
                        *x *= theta[i].exp() / norm;
                    }
                }
            }
        }
        let entry = |i: usize, j: usize| (0..q).map(|k| root[i][k] * root[j][k]).sum();
        (0..q).map(|i| (0..q).map(|j| entry(i, j)).collect()).collect()
    }

    /// Returns θ with G in it, `None` if G is not positive definite.
    pub fn put(&self, g: &Square, theta: &[f64]) -> Option<Vec<f64>> {
        let q = self.size;
        let root = cholesky(g)?;
        let mut out = theta.to_vec();
        let part = &mut out[self.offset..];
        match self.by {
            By::Unconstrained => {
                for (x, (i, j)) in part.iter_mut().zip(lower(q)) {
                    *x = if i == j { 0.5 * g[i][i].ln() } else { g[i][j] };
                }
            }
            By::Triangular => {
                for (x, (i, j)) in part.iter_mut().zip(lower(q)) {
                    *x = root[i][j];
                }
            }
            By::LogCholesky => {
                for i in 0..q {
                    part[i] = 0.5 * g[i][i].ln();
                }
                for (x, (i, j)) in part[q..].iter_mut().zip(strictly_lower(q)) {
                    *x = root[i][j] / root[i][i];
                }
            }
        }
        Some(out)
    }
}

fn cholesky(g: &Square) -> Option<Square> {
    let q = g.len();
    let mut root = vec![vec![0.0; q]; q];
    for (i, j) in lower(q) {
        let rest = g[i][j] - (0..j).map(|k| root[i][k] * root[j][k]).sum::<f64>();
        if i == j && (rest <= 0.0 || rest.is_nan()) {
            return None;
        }
        root[i][j] = if i == j { rest.sqrt() } else { rest / root[j][j] };
    }
    Some(root)
}
