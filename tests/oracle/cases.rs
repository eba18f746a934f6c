// Written by generate.py.

pub(crate) fn leaves(oracle: &mut Oracle) {
    oracle.check("identity_1", &IdentityMatrix::<1>::new());
    oracle.check("identity_2", &IdentityMatrix::<2>::new());
    oracle.check("identity_3", &IdentityMatrix::<3>::new());
    oracle.check("identity_5", &IdentityMatrix::<5>::new());
    oracle.check("identity_8", &IdentityMatrix::<8>::new());
    oracle.check("scalar_1", &ScalarMatrix::<1>::new());
    oracle.check("scalar_2", &ScalarMatrix::<2>::new());
    oracle.check("scalar_3", &ScalarMatrix::<3>::new());
    oracle.check("scalar_5", &ScalarMatrix::<5>::new());
    oracle.check("scalar_8", &ScalarMatrix::<8>::new());
    oracle.check("diagonal_1", &DiagonalMatrix::<1>::new());
    oracle.check("diagonal_2", &DiagonalMatrix::<2>::new());
    oracle.check("diagonal_3", &DiagonalMatrix::<3>::new());
    oracle.check("diagonal_5", &DiagonalMatrix::<5>::new());
    oracle.check("diagonal_8", &DiagonalMatrix::<8>::new());
    oracle.check("unconstrained_1", &UnconstrainedMatrix::<1>::new());
    oracle.check("unconstrained_2", &UnconstrainedMatrix::<2>::new());
    oracle.check("unconstrained_3", &UnconstrainedMatrix::<3>::new());
    oracle.check("unconstrained_4", &UnconstrainedMatrix::<4>::new());
    oracle.check("lower_triangular_1x1", &LowerTriangularMatrix::<1, 1>::new());
    oracle.check("lower_triangular_2x2", &LowerTriangularMatrix::<2, 2>::new());
    oracle.check("lower_triangular_3x3", &LowerTriangularMatrix::<3, 3>::new());
    oracle.check("lower_triangular_4x2", &LowerTriangularMatrix::<4, 2>::new());
    oracle.check("lower_triangular_5x3", &LowerTriangularMatrix::<5, 3>::new());
    oracle.check("lower_triangular_2x4", &LowerTriangularMatrix::<2, 4>::new());
    oracle.check("scalar_3_exp", &ScalarMatrix::<3>::new().with_transform(Exp));
    oracle.check("scalar_3_identity", &ScalarMatrix::<3>::new().with_transform(Identity));
    oracle.check("diagonal_3_scale_shift", &DiagonalMatrix::<3>::new().with_transform(ScaleShift::new(2.0, 1.5)));
}

pub(crate) const LEAVES_LEFT_OUT: &[&str] = &[
    "equal_entry_3x3", // EqualEntry
    "equal_entry_2x5", // EqualEntry
    "equal_entry_4x1", // EqualEntry
    "equicorrelation_2", // Equicorrelation
    "equicorrelation_3", // Equicorrelation
    "equicorrelation_5", // Equicorrelation
    "equicorrelation_8", // Equicorrelation
    "compound_symmetric_2", // CompoundSymmetric
    "compound_symmetric_3", // CompoundSymmetric
    "compound_symmetric_5", // CompoundSymmetric
    "compound_symmetric_8", // CompoundSymmetric
    "ar1_1", // AR1
    "ar1_2", // AR1
    "ar1_3", // AR1
    "ar1_5", // AR1
    "ar1_8", // AR1
    "ar1_4_special", // AR1
    "equal_entry_3_pow", // EqualEntry
    "diagonal_3_mixed", // parameters of one kind with different transforms
    "ar1_3_identity", // AR1
    "compound_symmetric_3_identity", // CompoundSymmetric
    "equicorrelation_3_sigmoid", // Equicorrelation
    "unconstrained_2_chain", // parameters of one kind with different transforms
    "ar1_3_fixed_rho", // fixed parameters
    "ar1_3_fixed_sigma", // fixed parameters
    "compound_symmetric_3_fixed_sigma", // fixed parameters
    "diagonal_3_some_fixed", // fixed parameters
    "unconstrained_3_some_fixed", // fixed parameters
    "lower_triangular_3x2_some_fixed", // fixed parameters
    "scalar_3_all_fixed", // fixed parameters
    "simple_exp_distance_3", // Simple
    "simple_exp_distance_3_manual", // Simple
    "simple_gauss_distance_3", // Simple
    "simple_outer_3", // Simple
    "simple_linear_combination_3", // Simple
    "adapter_ar1_3_tied", // Adapter
    "adapter_diag_3_linear", // Adapter
    "adapter_nonlinear_3", // Adapter
];

pub(crate) fn operators(oracle: &mut Oracle) {
    oracle.check("sum_named_tensor", &named("genetic", UnconstrainedMatrix::<3>::new()).plus(named("known", SMatrix::<f64, 3, 3>::from_row_slice(&[4.6517, 1.1141, 0.3222, 1.1141, 4.0206, -0.0055, 0.3222, -0.0055, 4.098]))).plus(named("residual", DiagonalMatrix::<3>::new())));
    oracle.check("cov_prop_tensor_z", &CovariancePropagation::new(named("Z", SMatrix::<f64, 5, 3>::from_row_slice(&[-1.243, -0.818, 0.858, 0.233, 1.229, 1.241, -0.851, 0.982, -0.481, 1.364, -0.313, -1.274, 1.447, -0.822, -0.078])), named("G", UnconstrainedMatrix::<3>::new())));
    oracle.check("cov_prop_tensor_g", &CovariancePropagation::new(named("Z", LowerTriangularMatrix::<4, 3>::new()), named("G", SMatrix::<f64, 3, 3>::from_row_slice(&[4.5871, 2.1305, -1.5459, 2.1305, 6.3142, -1.1876, -1.5459, -1.1876, 7.267]))));
}

pub(crate) const OPERATORS_LEFT_OUT: &[&str] = &[
    "sum_positional", // AR1
    "sum_four", // AR1
    "block_diagonal", // BlockDiagonal
    "block_diagonal_rect", // BlockDiagonal
    "cov_prop_dummy_z", // AR1
    "cov_prop_both", // AR1
    "cov_prop_het_cs", // Equicorrelation
    "kron_ar1_ar1", // KroneckerProduct
    "kron_tensor_left", // KroneckerProduct
    "kron_tensor_right", // KroneckerProduct
    "kron_rect", // KroneckerProduct
    "kron_same_names", // KroneckerProduct
    "hadamard", // HadamardProduct
    "hadamard_tensor", // HadamardProduct
    "hadamard_rect", // HadamardProduct
    "product", // Product
    "product_tensor", // Product
    "product_nonsymmetric", // Product
    "transpose", // Transpose
    "gram_xtx", // Gram
    "gram_xxt", // Gram
    "gram_xtx_rect", // Gram
    "gram_xxt_ar1", // Gram
    "augment", // Augment
    "stack", // Stack
    "inverse_ar1", // Inverse
    "inverse_cs", // Inverse
    "inverse_sum", // Inverse
    "inverse_lower", // Inverse
    "sum_prefix_fixed", // fixed parameters
    "sum_all_fixed_by_root", // fixed parameters
    "augment_one_fixed", // fixed parameters
    "adapter_shared_variance", // Adapter
    "adapter_in_sum", // Adapter
];

pub(crate) fn composites(oracle: &mut Oracle) {
    oracle.check("split_plot", &named("block", CovariancePropagation::new(named("Z", DummyMatrix::<8, 2>::from_labels(&["b1", "b1", "b1", "b1", "b2", "b2", "b2", "b2"]).unwrap()), named("G", ScalarMatrix::<2>::new()))).plus(named("wholeplot", CovariancePropagation::new(named("Z", DummyMatrix::<8, 2>::from_labels(&["b1", "b1", "b1", "b1", "b2", "b2", "b2", "b2"]).unwrap().crossed(&DummyMatrix::<8, 2>::from_labels(&["w1", "w1", "w2", "w2", "w1", "w1", "w2", "w2"]).unwrap())), named("G", ScalarMatrix::<4>::new())))).plus(named("R", ScalarMatrix::<8>::new())));
    oracle.check("trainable_z_unconstrained", &named("U", CovariancePropagation::new(named("Z", UnconstrainedMatrix::<3>::new()), named("G", DiagonalMatrix::<3>::new()))).plus(named("R", ScalarMatrix::<3>::new())));
    oracle.check("random_regression_legendre", &named("U", CovariancePropagation::new(named("Z", SMatrix::<f64, 5, 3>::from_row_slice(&[1.0, -1.0, 1.0, 1.0, -0.5, -0.125, 1.0, 0.0, -0.5, 1.0, 0.5, -0.125, 1.0, 1.0, 1.0])), named("G", UnconstrainedMatrix::<3>::new()))).plus(named("R", DiagonalMatrix::<5>::new())));
}

pub(crate) const COMPOSITES_LEFT_OUT: &[&str] = &[
    "random_intercept_slope", // KroneckerProduct
    "random_slope_cholesky", // KroneckerProduct
    "spatial_ar1_ar1_nugget", // fixed parameters
    "factor_analytic", // Gram
    "loading_cs", // fixed parameters
    "crossed_augmented", // Augment
    "sections_residual", // BlockDiagonal
    "heterogeneous_ar1", // fixed parameters
    "two_trait_animal", // KroneckerProduct
    "multi_environment", // KroneckerProduct
    "precision_car", // Inverse
    "exponential_spatial", // Simple
    "block_matrix_shared", // Adapter
    "banded_toeplitz", // HadamardProduct
    "gxe_hadamard", // HadamardProduct
    "three_way_kron", // fixed parameters
    "modified_cholesky", // Inverse
    "all_known_but_one", // fixed parameters
];

pub(crate) fn transforms(oracle: &mut TransformOracle) {
    oracle.check(&Identity);
    oracle.check(&Exp);
    oracle.check(&Exp2);
    oracle.check(&Exp10);
    oracle.check(&ExpPow2);
    oracle.check(&Sigmoid);
    oracle.check(&Pow::new(2.0));
    oracle.check(&Pow::new(3.0));
    oracle.check(&Pow::new(0.5));
    oracle.check(&Pow::new(-1.0));
    oracle.check(&ScaleShift::new(2.0, -1.0));
    oracle.check(&ScaleShift::new(0.001, 7.0));
    oracle.check(&Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)));
    oracle.check(&Chain::new(Sigmoid, ScaleShift::new(1.5, -0.5)));
    oracle.check(&Chain::new(ScaleShift::new(0.5, 0.1), Exp));
    oracle.check(&Chain::new(Exp, Pow::new(2.0)));
    oracle.check(&ExpPow2);
    oracle.check(&Chain::new(Chain::new(Chain::new(ScaleShift::new(2.0, 1.0), Sigmoid), ScaleShift::new(10.0, 0.0)), Exp10));
    oracle.check(&Chain::new(Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)), Pow::new(3.0)));
}
