//! A page about the algebra: every structure and operator by formula, parameters and source, and
//! the rules by which derivatives are made.
//!
//! # Structures
//!
//! σᵢ² are variances, σᵢ standard deviations, ρ correlations, each of them T(x) of a free number x
//! by a [`Transform`](crate::Transform). P is the number of parameters, in the order of the table.
//!
//! | structure | entry (i, j) | parameters | P | source |
//! |---|---|---|--:|---|
//! | [`IdentityMatrix`](crate::IdentityMatrix) | δᵢⱼ | | 0 | |
//! | [`ScalarMatrix`](crate::ScalarMatrix) | σ² δᵢⱼ | σ² | 1 | |
//! | [`EqualEntryMatrix`](crate::EqualEntryMatrix), N×M | σ² | σ² | 1 | |
//! | [`DiagonalMatrix`](crate::DiagonalMatrix) | σᵢ² δᵢⱼ | σ₀², … | N | |
//! | [`EquicorrelationMatrix`](crate::EquicorrelationMatrix) | ρ for i ≠ j, 1 | ρ | 1 | Rao 1973, 1c.3 |
//! | [`CompoundSymmetricMatrix`](crate::CompoundSymmetricMatrix) | σ²ρ for i ≠ j, σ² | σ², ρ | 2 | the same, times σ² |
//! | [`HeterogeneousCompoundSymmetricMatrix`](crate::HeterogeneousCompoundSymmetricMatrix) | σᵢσⱼρ for i ≠ j, σᵢ² | σ₀, …, ρ | N+1 | Wolfinger 1996 |
//! | [`Ar1Matrix`](crate::Ar1Matrix) | σ² ρ^abs(i−j) | σ², ρ | 2 | Box & Jenkins 1970, 3.2.3 |
//! | [`HeterogeneousAr1Matrix`](crate::HeterogeneousAr1Matrix) | σᵢσⱼ ρ^abs(i−j) | σ₀, …, ρ | N+1 | Wolfinger 1996 |
//! | [`ToeplitzMatrix`](crate::ToeplitzMatrix) | σ² ρ_abs(i−j) | σ², φ₁₁, … | N | Barndorff-Nielsen & Schou 1973 |
//! | [`HeterogeneousToeplitzMatrix`](crate::HeterogeneousToeplitzMatrix) | σᵢσⱼ ρ_abs(i−j) | σ₀, …, φ₁₁, … | 2N−1 | the same, D R D |
//! | [`BandedToeplitzMatrix`](crate::BandedToeplitzMatrix) | σ² ρ_abs(i−j), 0 beyond lag B | σ², ψ₁, … | 1+B | Box & Jenkins 1970, 3.3 |
//! | [`HeterogeneousBandedToeplitzMatrix`](crate::HeterogeneousBandedToeplitzMatrix) | σᵢσⱼ ρ_abs(i−j), 0 beyond lag B | σ₀, …, ψ₁, … | N+B | the same, D R D |
//! | [`AnteDependenceMatrix`](crate::AnteDependenceMatrix) | σᵢσⱼ ρᵢ ⋯ ρⱼ₋₁ for i < j | σ₀, …, ρ₀, … | 2N−1 | Gabriel 1962 |
//! | [`UnconstrainedMatrix`](crate::UnconstrainedMatrix) | σ²ᵢⱼ | σ²ᵢⱼ, j ≤ i | N(N+1)/2 | |
//! | [`LogCholeskyMatrix`](crate::LogCholeskyMatrix) | σᵢσⱼ Lᵢ·Lⱼ / (‖Lᵢ‖‖Lⱼ‖) | σ₀, …, Lᵢⱼ, j < i | N(N+1)/2 | Pinheiro & Bates 1996; Kristensen et al. 2016 |
//! | [`LowerTriangularMatrix`](crate::LowerTriangularMatrix), N×M | Lᵢⱼ for j ≤ i, else 0 | Lᵢⱼ, j ≤ i | K(K+1)/2 + (N−K)K, K = min(N, M) | |
//! | [`FactorAnalyticMatrix`](crate::FactorAnalyticMatrix) | Σₖ λᵢₖ λⱼₖ + ψᵢ δᵢⱼ | λᵢₖ, k ≤ i; ψ₀, … | NK − K(K−1)/2 + N | Lawley & Maxwell 1971, 2.2 |
//! | [`ExponentialMatrix`](crate::ExponentialMatrix) | σ² e^−d/r | σ², r | 2 | Jones & Boadi-Boateng 1991 |
//! | [`GaussianMatrix`](crate::GaussianMatrix) | σ² e^−(d/r)² | σ², r | 2 | Rasmussen & Williams 2006, eq. 4.9 |
//! | [`MaternMatrix`](crate::MaternMatrix) | σ² (1 + s) e⁻ˢ, s = √3 d/r, and others | σ², r | 2 | Matérn 1960; Rasmussen & Williams 2006, eq. 4.17 |
//! | [`KnownMatrix`](crate::KnownMatrix), [`KnownScaledMatrix`](crate::KnownScaledMatrix) | Kᵢⱼ, σ² Kᵢⱼ | –, σ² | 0, 1 | Henderson 1976 |
//! | [`WeightedMatrix`](crate::WeightedMatrix) | σ² δᵢⱼ/wᵢ | σ² | 1 | Bates, Mächler, Bolker & Walker 2015, 2.1 |
//! | [`GroupVarianceMatrix`](crate::GroupVarianceMatrix) | σ²_g₍ᵢ₎ δᵢⱼ | σ₀², … | G | Pinheiro & Bates 2000, 5.2.1 |
//! | [`PowerVarianceMatrix`](crate::PowerVarianceMatrix) | σ² abs(vᵢ)^2δ δᵢⱼ | σ², δ | 2 | Pinheiro & Bates 2000, 5.2.1 |
//! | [`ExponentialVarianceMatrix`](crate::ExponentialVarianceMatrix) | σ² e^2δvᵢ δᵢⱼ | σ², δ | 2 | Pinheiro & Bates 2000, 5.2.1 |
//! | [`HomogeneousMatrix`](crate::HomogeneousMatrix) | σ² Rᵢⱼ for any correlation R | σ², those of R | 1 + P_R | |
//! | [`HeterogeneousMatrix`](crate::HeterogeneousMatrix) | σᵢσⱼ Rᵢⱼ | σ₀, …, those of R | N + P_R | Pinheiro & Bates 2000, 5.1.3 |
//! | [`DummyMatrix`](crate::DummyMatrix), N×Q | 1 if j is the level of i, else 0 | | 0 | |
//! | [`SMatrix`](nalgebra::SMatrix), R×C | as given | | 0 | |
//!
//! d is the distance of i and j. The φₖₖ of a Toeplitz matrix are partial autocorrelations, the ψ
//! of a banded one the coefficients of a moving average: numbers that give positive definite
//! matrices whatever they are, unlike the ρ.
//!
//! # Operators
//!
//! ∂ is the derivative by one parameter. A rule with two terms has one for each operand: only the
//! first for a parameter of A, only the second for one of B.
//!
//! | operator | value | ∂ | source |
//! |---|---|---|---|
//! | [`CovariancePropagation`](crate::CovariancePropagation) | Z G Zᵀ | ∂Z G Zᵀ + Z G ∂Zᵀ; Z ∂G Zᵀ | JCGM 100:2008, 5.2.2; Laird & Ware 1982 |
//! | [`Sum`](crate::Sum) | A + B | ∂A; ∂B | PP 35 |
//! | [`Product`](crate::Product) | A B | ∂A B; A ∂B | PP 37 |
//! | [`HadamardProduct`](crate::HadamardProduct) | A ∘ B | ∂A ∘ B; A ∘ ∂B | PP 38; Schur 1911 |
//! | [`KroneckerProduct`](crate::KroneckerProduct) | A ⊗ B | ∂A ⊗ B; A ⊗ ∂B | PP 39; Henderson & Quaas 1976 |
//! | [`Inverse`](crate::Inverse) | A⁻¹ | −A⁻¹ ∂A A⁻¹ | PP 40 |
//! | [`Transpose`](crate::Transpose) | Aᵀ | ∂Aᵀ | PP 44 |
//! | [`Gram`](crate::Gram), [`OuterGram`](crate::OuterGram) | XᵀX, XXᵀ | ∂Xᵀ X + Xᵀ ∂X; ∂X Xᵀ + X ∂Xᵀ | PP 37, 44 |
//! | [`BlockDiagonal`](crate::BlockDiagonal) | diag(A, B) | diag(∂A, 0); diag(0, ∂B) | |
//! | [`Augment`](crate::Augment) | \[A B\] | \[∂A 0\]; \[0 ∂B\] | |
//! | [`Stack`](crate::Stack) | \[A; B\] | \[∂A; 0\]; \[0; ∂B\] | |
//! | [`Constrained`](crate::Constrained) | A, parameters fixed or tied | dropped or summed | |
//! | [`Adapter`](crate::Adapter) | A(f(θ)) | Σ_p ∂A/∂x_p ∂f_p | the chain rule |
//!
//! PP is Petersen & Pedersen 2012, The Matrix Cookbook, by equation.
//!
//! θ of an operator is θ of the first operand followed by that of the second. What is put together
//! from positive semi-definite matrices by Z G Zᵀ, +, ∘, ⊗ and diag is positive semi-definite; A B
//! and A − B need not be.
//!
//! # Second derivatives
//!
//! Where a rule is linear in each operand, ∂ᵢⱼ for i in A and j in B puts both derivatives in: ∂ᵢA
//! ⊗ ∂ⱼB. Z stands twice in the propagation, so that two parameters of Z have terms of their own:
//!
//! ```text
//! ∂ᵢⱼ(Z G Zᵀ) = ∂ᵢⱼZ G Zᵀ + ∂ᵢZ G ∂ⱼZᵀ + ∂ⱼZ G ∂ᵢZᵀ + Z G ∂ᵢⱼZᵀ       i, j in Z
//! ∂ᵢⱼ(Z G Zᵀ) = ∂ᵢZ ∂ⱼG Zᵀ + Z ∂ⱼG ∂ᵢZᵀ                              i in Z, j in G
//! ∂ᵢⱼ(Z G Zᵀ) = Z ∂ᵢⱼG Zᵀ                                           i, j in G
//! ∂ᵢⱼ(A⁻¹)    = A⁻¹ ∂ᵢA A⁻¹ ∂ⱼA A⁻¹ + A⁻¹ ∂ⱼA A⁻¹ ∂ᵢA A⁻¹ − A⁻¹ ∂ᵢⱼA A⁻¹
//! ```
//!
//! # Free parameters
//!
//! θ are free numbers x, and the parameters η = T(x) of a structure are on their natural scale. By
//! the chain rule
//!
//! ```text
//! ∂V/∂x = T′(x) ∂V/∂η        ∂²V/∂x² = T′(x)² ∂²V/∂η² + T″(x) ∂V/∂η
//! ```
//!
//! so that for a variance σ² = e²ˣ, by which V is linear, ∂V/∂x = 2σ² ∂V/∂σ² and ∂²V/∂x² = 4σ²
//! ∂V/∂σ².
//!
//! # Without the array of derivatives
//!
//! Seldom are P matrices N×N wanted for themselves. The derivatives of a number f(V) with ∂f/∂V = W
//! are ⟨W, ∂ₖV⟩, which [`pullback`](crate::ParamMatrix::pullback) gives by taking W back through
//! the operators to the structures, in reverse mode (Giles 2008, Collected matrix derivative
//! results, 2.2):
//!
//! | value | weights of A, or Z | weights of B, or G |
//! |---|---|---|
//! | Z G Zᵀ | W Z Gᵀ + Wᵀ Z G | Zᵀ W Z |
//! | A + B | W | W |
//! | A B | W Bᵀ | Aᵀ W |
//! | A ∘ B | W ∘ B | A ∘ W |
//! | A ⊗ B | \[⟨block (i, j) of W, B⟩\] | Σᵢⱼ Aᵢⱼ · block (i, j) of W |
//! | diag(A, B), \[A B\], \[A; B\] | the block of W where A is | that where B is |
//! | A⁻¹ | −A⁻ᵀ W A⁻ᵀ | |
//! | Aᵀ | Wᵀ | |
//! | XᵀX, XXᵀ | X (W + Wᵀ), (W + Wᵀ) X | |
//! | A(f(θ)) | W, then Jᵀ times what A answers | |
//!
//! [`gradient_mul`](crate::ParamMatrix::gradient_mul) gives the P vectors ∂ₖV u, and
//! [`curvature`](crate::ParamMatrix::curvature) the P×P numbers ⟨W, ∂ₖₗV⟩.
//!
//! # An example by hand
//!
//! A lower triangular Z and a diagonal G, parameters on their natural scale:
//!
//! ```text
//!     [1 0]       [4 0]       [1 0] [4 0] [1 2]   [4  8]
//! Z = [2 3]   G = [0 5]   V = [2 3] [0 5] [0 3] = [8 61]
//!
//! ∂V/∂L₁₀: ∂Z = [0 0; 1 0], ∂Z G Zᵀ = [0 0; 4 8], and its transpose: [0 4; 4 16]
//! ∂V/∂σ₀²: the first column of Z with itself: [1 2; 2 4]
//! ```
//!
//! ```
//! use covprop::*;
//! use nalgebra::{Matrix2, Vector2};
//!
//! let z = LowerTriangularMatrix::<2, 2>::new();
//! let g = DiagonalMatrix::<2>::new().with_transform(Identity);
//! let v = CovariancePropagation::new(z, g);
//! let theta = [1.0, 2.0, 3.0, 4.0, 5.0]; // L₀₀, L₁₀, L₁₁, σ₀², σ₁²
//! assert_eq!(v.value(&theta), Matrix2::new(4.0, 8.0, 8.0, 61.0));
//!
//! let [l00, l10, l11, s0, s1] = v.gradient(&theta);
//! assert_eq!(l00, Matrix2::new(8.0, 8.0, 8.0, 0.0));
//! assert_eq!(l10, Matrix2::new(0.0, 4.0, 4.0, 16.0));
//! assert_eq!(l11, Matrix2::new(0.0, 0.0, 0.0, 30.0));
//! assert_eq!(s0, Matrix2::new(1.0, 2.0, 2.0, 4.0));
//! assert_eq!(s1, Matrix2::new(0.0, 0.0, 0.0, 9.0));
//!
//! // W picks the first row: the sums of the first rows above
//! let first_row = Matrix2::new(1.0, 1.0, 0.0, 0.0);
//! assert_eq!(v.pullback(&theta, &first_row), [16.0, 4.0, 0.0, 3.0, 0.0]);
//!
//! // times (1, 1): the sums of their rows
//! let [l00, _, _, s0, _] = v.gradient_mul(&theta, &Vector2::new(1.0, 1.0));
//! assert_eq!((l00, s0), (Vector2::new(16.0, 8.0), Vector2::new(3.0, 6.0)));
//!
//! // V₁₁ = L₁₀² σ₀² + L₁₁² σ₁²
//! let last = Matrix2::new(0.0, 0.0, 0.0, 1.0);
//! let [_, l10, l11, ..] = v.curvature(&theta, &last);
//! assert_eq!(l10, [0.0, 8.0, 0.0, 4.0, 0.0]); // 2σ₀² by L₁₀ twice, 2L₁₀ by L₁₀ and σ₀²
//! assert_eq!(l11, [0.0, 0.0, 10.0, 0.0, 6.0]);
//!
//! // the same V where σ² = e²ˣ: the derivative by x is 2σ² times that by σ²
//! let by_logs = CovariancePropagation::new(z, DiagonalMatrix::<2>::new());
//! let theta = [1.0, 2.0, 3.0, 4.0_f64.ln() / 2.0, 5.0_f64.ln() / 2.0];
//! let [.., s0, _] = by_logs.gradient(&theta);
//! assert!((s0 - Matrix2::new(1.0, 2.0, 2.0, 4.0) * 8.0).norm() < 1e-13);
//! ```
//!
//! [`assert_gradient`](crate::assert_gradient) makes all of these comparisons, and those with
//! finite differences, for any matrix.
//!
//! # What holds of every matrix
//!
//! - The derivatives are exact: no differences, except for a [`SmoothMap`](crate::SmoothMap) or a
//!   matrix of one's own that does not give them.
//! - What is symmetric by type ([`Shape::SYMMETRIC`](crate::Shape::SYMMETRIC)) is symmetric to the
//!   last bit, value and derivatives.
//! - Where there is no answer, as for the inverse of a singular matrix, every entry is NaN, and
//!   [`try_value`](crate::ParamMatrixExt::try_value) is an error.
//! - An entry that a parameter does not touch costs nothing: a derivative is
//!   [offered](crate::ParamMatrixExt::for_each_derivative) by its pattern, such as one entry or rank
//!   one.
//!
//! # References
//!
//! - Barndorff-Nielsen & Schou 1973, Journal of Multivariate Analysis 3, 408–419.
//! - Bates, Mächler, Bolker & Walker 2015, Journal of Statistical Software 67(1).
//! - Box & Jenkins 1970, Time Series Analysis: Forecasting and Control.
//! - Gabriel 1962, Annals of Mathematical Statistics 33, 201–212.
//! - Giles 2008, in Advances in Automatic Differentiation, 35–44.
//! - Henderson 1976, Biometrics 32, 69–83. Henderson & Quaas 1976, Journal of Animal Science 43,
//!   1188–1197.
//! - JCGM 100:2008, Guide to the expression of uncertainty in measurement.
//! - Jones & Boadi-Boateng 1991, Biometrics 47, 161–175.
//! - Kristensen, Nielsen, Berg, Skaug & Bell 2016, Journal of Statistical Software 70(5).
//! - Laird & Ware 1982, Biometrics 38, 963–974.
//! - Lawley & Maxwell 1971, Factor Analysis as a Statistical Method.
//! - Matérn 1960, Spatial Variation.
//! - Petersen & Pedersen 2012, The Matrix Cookbook, version of November 15, 2012.
//! - Pinheiro & Bates 1996, Statistics and Computing 6, 289–296. Pinheiro & Bates 2000,
//!   Mixed-Effects Models in S and S-PLUS.
//! - Rao 1973, Linear Statistical Inference and Its Applications.
//! - Rasmussen & Williams 2006, Gaussian Processes for Machine Learning.
//! - Schur 1911, Journal für die reine und angewandte Mathematik 140, 1–28.
//! - Wolfinger 1996, Journal of Agricultural, Biological, and Environmental Statistics 1, 205–230.
