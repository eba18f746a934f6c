//! The algebra of covariance matrices: formula, parameters and source of each structure and
//! operator, and the rules for their derivatives.
//!
//! # Structures
//!
//! In the table σᵢ² are variances, σᵢ standard deviations, and ρ correlations, and δᵢⱼ is 1 if i =
//! j and 0 otherwise. Each parameter is computed from an unbounded number by a
//! [`Transform`](crate::transform::Transform). P is the number of parameters of a structure, and
//! the parameters are listed in the order of θ.
//!
//! | structure | entry (i, j) | parameters | P | source |
//! |---|---|---|--:|---|
//! | [`IdentityMatrix`](crate::structure::IdentityMatrix) | δᵢⱼ | | 0 | |
//! | [`ScalarMatrix`](crate::structure::ScalarMatrix) | σ² δᵢⱼ | σ² | 1 | |
//! | [`EqualEntryMatrix`](crate::structure::EqualEntryMatrix), N×M | σ² | σ² | 1 | |
//! | [`DiagonalMatrix`](crate::structure::DiagonalMatrix) | σᵢ² δᵢⱼ | σ₀², … | N | |
//! | [`EquicorrelationMatrix`](crate::structure::EquicorrelationMatrix) | ρ for i ≠ j, 1 | ρ | 1 | Rao 1973, 1c.3 |
//! | [`CompoundSymmetricMatrix`](crate::structure::CompoundSymmetricMatrix) | σ²ρ for i ≠ j, σ² | σ², ρ | 2 | Rao 1973, 1c.3, times σ² |
//! | [`HeterogeneousCompoundSymmetricMatrix`](crate::structure::HeterogeneousCompoundSymmetricMatrix) | σᵢσⱼρ for i ≠ j, σᵢ² | σ₀, …, ρ | N+1 | Wolfinger 1996 |
//! | [`Ar1Matrix`](crate::structure::Ar1Matrix) | σ² ρ^abs(i−j) | σ², ρ | 2 | Box & Jenkins 1970, 3.2.3 |
//! | [`HeterogeneousAr1Matrix`](crate::structure::HeterogeneousAr1Matrix) | σᵢσⱼ ρ^abs(i−j) | σ₀, …, ρ | N+1 | Wolfinger 1996 |
//! | [`ToeplitzMatrix`](crate::structure::ToeplitzMatrix) | σ² ρ_abs(i−j) | σ², φ₁₁, … | N | Barndorff-Nielsen & Schou 1973 |
//! | [`HeterogeneousToeplitzMatrix`](crate::structure::HeterogeneousToeplitzMatrix) | σᵢσⱼ ρ_abs(i−j) | σ₀, …, φ₁₁, … | 2N−1 | D R D with R as in `ToeplitzMatrix` |
//! | [`BandedToeplitzMatrix`](crate::structure::BandedToeplitzMatrix) | σ² ρ_abs(i−j), 0 beyond lag B | σ², ψ₁, … | 1+B | Box & Jenkins 1970, 3.3 |
//! | [`HeterogeneousBandedToeplitzMatrix`](crate::structure::HeterogeneousBandedToeplitzMatrix) | σᵢσⱼ ρ_abs(i−j), 0 beyond lag B | σ₀, …, ψ₁, … | N+B | D R D with R as in `BandedToeplitzMatrix` |
//! | [`AnteDependenceMatrix`](crate::structure::AnteDependenceMatrix) | σᵢσⱼ ρᵢ ⋯ ρⱼ₋₁ for i < j | σ₀, …, ρ₀, … | 2N−1 | Gabriel 1962 |
//! | [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) | σ²ᵢⱼ | σ²ᵢⱼ, j ≤ i | N(N+1)/2 | |
//! | [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix) | σᵢσⱼ Lᵢ·Lⱼ / (‖Lᵢ‖‖Lⱼ‖) | σ₀, …, Lᵢⱼ, j < i | N(N+1)/2 | Pinheiro & Bates 1996; Kristensen et al. 2016 |
//! | [`LowerTriangularMatrix`](crate::structure::LowerTriangularMatrix), N×M | Lᵢⱼ for j ≤ i, else 0 | Lᵢⱼ, j ≤ i | K(K+1)/2 + (N−K)K, K = min(N, M) | |
//! | [`FactorAnalyticMatrix`](crate::structure::FactorAnalyticMatrix) | Σₖ λᵢₖ λⱼₖ + ψᵢ δᵢⱼ | λᵢₖ, k ≤ i; ψ₀, … | NK − K(K−1)/2 + N | Lawley & Maxwell 1971, 2.2 |
//! | [`ExponentialMatrix`](crate::structure::ExponentialMatrix) | σ² e^−d/r | σ², r | 2 | Jones & Boadi-Boateng 1991 |
//! | [`GaussianMatrix`](crate::structure::GaussianMatrix) | σ² e^−(d/r)² | σ², r | 2 | Rasmussen & Williams 2006, eq. 4.9 |
//! | [`MaternMatrix`](crate::structure::MaternMatrix) | σ² (1 + s) e⁻ˢ with s = √3 d/r for ν = 3/2; also ν = 1/2 and 5/2 | σ², r | 2 | Matérn 1960; Rasmussen & Williams 2006, eq. 4.17 |
//! | [`KnownMatrix`](crate::structure::KnownMatrix), [`KnownScaledMatrix`](crate::structure::KnownScaledMatrix) | Kᵢⱼ, σ² Kᵢⱼ | –, σ² | 0, 1 | Henderson 1976 |
//! | [`WeightedMatrix`](crate::structure::WeightedMatrix) | σ² δᵢⱼ/wᵢ | σ² | 1 | Bates, Mächler, Bolker & Walker 2015, 2.1 |
//! | [`GroupVarianceMatrix`](crate::structure::GroupVarianceMatrix) | σ²_g₍ᵢ₎ δᵢⱼ | σ₀², … | G | Pinheiro & Bates 2000, 5.2.1 |
//! | [`PowerVarianceMatrix`](crate::structure::PowerVarianceMatrix) | σ² abs(vᵢ)^2δ δᵢⱼ | σ², δ | 2 | Pinheiro & Bates 2000, 5.2.1 |
//! | [`ExponentialVarianceMatrix`](crate::structure::ExponentialVarianceMatrix) | σ² e^2δvᵢ δᵢⱼ | σ², δ | 2 | Pinheiro & Bates 2000, 5.2.1 |
//! | [`HomogeneousMatrix`](crate::structure::HomogeneousMatrix) | σ² Rᵢⱼ for any correlation R | σ², parameters of R | 1 + P_R | |
//! | [`HeterogeneousMatrix`](crate::structure::HeterogeneousMatrix) | σᵢσⱼ Rᵢⱼ | σ₀, …, parameters of R | N + P_R | Pinheiro & Bates 2000, 5.1.3 |
//! | [`DummyMatrix`](crate::structure::DummyMatrix), N×Q | 1 if j is the level of i, else 0 | | 0 | |
//! | [`SMatrix`](nalgebra::SMatrix), R×C | as given | | 0 | |
//!
//! In the table of structures d is the distance between the positions i and j. The parameters φₖₖ
//! of a Toeplitz matrix are partial autocorrelations, and the parameters ψ of a banded Toeplitz
//! matrix are coefficients of a moving average. Any partial autocorrelations φₖₖ in (−1, 1) and any
//! coefficients ψ give a positive definite matrix, whereas arbitrary autocorrelations ρ may not.
//!
//! # Operators
//!
//! The column ∂ of the table contains the derivative of the value with respect to one parameter. If
//! the column has two terms separated by a semicolon, the first is for a parameter of the operand A
//! or Z, and the second is for a parameter of the operand B or G.
//!
//! | operator | value | ∂ | source |
//! |---|---|---|---|
//! | [`CovariancePropagation`](crate::operator::CovariancePropagation) | Z G Zᵀ | ∂Z G Zᵀ + Z G ∂Zᵀ; Z ∂G Zᵀ | JCGM 100:2008, 5.2.2; Laird & Ware 1982 |
//! | [`Sum`](crate::operator::Sum) | A + B | ∂A; ∂B | PP 35 |
//! | [`Product`](crate::operator::Product) | A B | ∂A B; A ∂B | PP 37 |
//! | [`HadamardProduct`](crate::operator::HadamardProduct) | A ∘ B | ∂A ∘ B; A ∘ ∂B | PP 38; Schur 1911 |
//! | [`KroneckerProduct`](crate::operator::KroneckerProduct) | A ⊗ B | ∂A ⊗ B; A ⊗ ∂B | PP 39; Henderson & Quaas 1976 |
//! | [`Inverse`](crate::operator::Inverse) | A⁻¹ | −A⁻¹ ∂A A⁻¹ | PP 40 |
//! | [`Transpose`](crate::operator::Transpose) | Aᵀ | ∂Aᵀ | PP 44 |
//! | [`Gram`](crate::operator::Gram), [`OuterGram`](crate::operator::OuterGram) | XᵀX, XXᵀ | ∂Xᵀ X + Xᵀ ∂X; ∂X Xᵀ + X ∂Xᵀ | PP 37, 44 |
//! | [`BlockDiagonal`](crate::operator::BlockDiagonal) | diag(A, B) | diag(∂A, 0); diag(0, ∂B) | |
//! | [`Augment`](crate::operator::Augment) | \[A B\] | \[∂A 0\]; \[0 ∂B\] | |
//! | [`Stack`](crate::operator::Stack) | \[A; B\] | \[∂A; 0\]; \[0; ∂B\] | |
//! | [`Constrained`](crate::operator::Constrained) | A with fixed or tied parameters | ∂A, dropped for fixed and summed for tied parameters | |
//! | [`Adapter`](crate::operator::Adapter) | A(f(θ)) | Σ_p ∂A/∂x_p ∂f_p | the chain rule |
//!
//! PP 35 in the table means equation 35 of Petersen & Pedersen 2012, The Matrix Cookbook.
//!
//! The parameters θ of an operator are the parameters of the first operand, followed by those of
//! the second. If the operands are positive semi-definite, then so are Z G Zᵀ, A + B, A ∘ B, A ⊗ B
//! and diag(A, B). The product A B and the difference A − B need not be positive semi-definite.
//!
//! # Second derivatives
//!
//! If an operator is linear in each of its operands A and B, the second derivative with respect to
//! a parameter i of A and a parameter j of B contains both first derivatives. For example, this
//! second derivative of the Kronecker product A ⊗ B is ∂ᵢA ⊗ ∂ⱼB. The propagation Z G Zᵀ contains Z
//! twice, so a second derivative with respect to two parameters of Z has mixed terms as well:
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
//! Let x be a free parameter, which is an entry of θ, and let η = T(x) be the parameter on its
//! natural scale, such as a variance. By the chain rule,
//!
//! ```text
//! ∂V/∂x = T′(x) ∂V/∂η        ∂²V/∂x² = T′(x)² ∂²V/∂η² + T″(x) ∂V/∂η
//! ```
//!
//! For example, let σ² = e²ˣ be a variance with the free parameter x. If V is linear in σ², then
//! ∂V/∂x = 2σ² ∂V/∂σ² and ∂²V/∂x² = 4σ² ∂V/∂σ².
//!
//! # Contractions of derivatives
//!
//! Most computations need weighted sums ⟨W, ∂ₖV⟩ = Σᵢⱼ Wᵢⱼ (∂ₖV)ᵢⱼ of the entries of the
//! derivatives ∂ₖV = ∂V/∂θₖ, not the matrices ∂ₖV themselves. For example, the derivative of a
//! scalar function f(V) with respect to θₖ is such a sum, whose weights W are ∂f/∂V.
//! [`pullback`](crate::algebra::ParamMatrix::pullback) computes ⟨W, ∂ₖV⟩ for all parameters θₖ in
//! reverse mode: the method propagates the weight matrix W through the operators back to the
//! structures (Giles 2008, Collected matrix derivative results, 2.2). The table lists the weight
//! matrices that an operator passes to its operands if the operator receives the weight matrix W:
//!
//! | value | weights of A or Z | weights of B or G |
//! |---|---|---|
//! | Z G Zᵀ | W Z Gᵀ + Wᵀ Z G | Zᵀ W Z |
//! | A + B | W | W |
//! | A B | W Bᵀ | Aᵀ W |
//! | A ∘ B | W ∘ B | A ∘ W |
//! | A ⊗ B | \[⟨block (i, j) of W, B⟩\] | Σᵢⱼ Aᵢⱼ · block (i, j) of W |
//! | diag(A, B), \[A B\], \[A; B\] | the block of W at the position of A | the block of W at the position of B |
//! | A⁻¹ | −A⁻ᵀ W A⁻ᵀ | |
//! | Aᵀ | Wᵀ | |
//! | XᵀX, XXᵀ | X (W + Wᵀ), (W + Wᵀ) X | |
//! | A(f(θ)) | W; the result is then multiplied by Jᵀ | |
//!
//! [`gradient_mul`](crate::algebra::ParamMatrix::gradient_mul) computes the products ∂ₖV u of the P
//! first derivatives with a vector u, and [`curvature`](crate::algebra::ParamMatrix::curvature)
//! computes the P×P sums ⟨W, ∂ₖₗV⟩ of the second derivatives ∂ₖₗV for a weight matrix W.
//!
//! # Example: derivatives by hand
//!
//! The example computes V = Z G Zᵀ and its derivatives for a lower triangular Z and a diagonal G.
//! The parameters are not transformed:
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
//! use covprop::nalgebra::{Matrix2, Vector2};
//! use covprop::prelude::*;
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
//! For any matrix, [`assert_gradient`](crate::algebra::assert_gradient) compares `value`,
//! `gradient`, `pullback`, `gradient_mul` and `curvature` with each other and with finite
//! differences.
//!
//! # Properties of every matrix
//!
//! **Exact derivatives.** Finite differences are used only for a
//! [`SmoothMap`](crate::operator::SmoothMap) or a user-defined matrix that does not provide its
//! derivatives.
//!
//! **Symmetry.** A matrix whose type has [`Shape::SYMMETRIC`](crate::algebra::Shape::SYMMETRIC) is
//! symmetric to the last bit, and so are its derivatives.
//!
//! **Undefined values.** If the value of a matrix does not exist, as for the inverse of a singular
//! matrix, every entry is NaN, and [`try_value`](crate::algebra::ParamMatrixExt::try_value) returns
//! an error.
//!
//! **Sparsity.** [`for_each_derivative`](crate::algebra::ParamMatrixExt::for_each_derivative)
//! passes only the part of each derivative that can be nonzero, such as a single entry or a row.
//! Entries of the matrix that do not depend on the parameter cost nothing.
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
