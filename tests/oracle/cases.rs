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
    oracle.check("equal_entry_3x3", &EqualEntryMatrix::<3, 3>::new());
    oracle.check("equal_entry_2x5", &EqualEntryMatrix::<2, 5>::new());
    oracle.check("equal_entry_4x1", &EqualEntryMatrix::<4, 1>::new());
    oracle.check("diagonal_1", &DiagonalMatrix::<1>::new());
    oracle.check("diagonal_2", &DiagonalMatrix::<2>::new());
    oracle.check("diagonal_3", &DiagonalMatrix::<3>::new());
    oracle.check("diagonal_5", &DiagonalMatrix::<5>::new());
    oracle.check("diagonal_8", &DiagonalMatrix::<8>::new());
    oracle.check("equicorrelation_2", &EquicorrelationMatrix::<2>::new());
    oracle.check("equicorrelation_3", &EquicorrelationMatrix::<3>::new());
    oracle.check("equicorrelation_5", &EquicorrelationMatrix::<5>::new());
    oracle.check("equicorrelation_8", &EquicorrelationMatrix::<8>::new());
    oracle.check("compound_symmetric_2", &CompoundSymmetricMatrix::<2>::new());
    oracle.check("compound_symmetric_3", &CompoundSymmetricMatrix::<3>::new());
    oracle.check("compound_symmetric_5", &CompoundSymmetricMatrix::<5>::new());
    oracle.check("compound_symmetric_8", &CompoundSymmetricMatrix::<8>::new());
    oracle.check("ar1_1", &Ar1Matrix::<1>::new());
    oracle.check("ar1_2", &Ar1Matrix::<2>::new());
    oracle.check("ar1_3", &Ar1Matrix::<3>::new());
    oracle.check("ar1_5", &Ar1Matrix::<5>::new());
    oracle.check("ar1_8", &Ar1Matrix::<8>::new());
    oracle.check("ar1_4_special", &Ar1Matrix::<4>::new());
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
    oracle.check("equal_entry_3_pow", &EqualEntryMatrix::<3, 4>::new().with_transform(Pow::new(2.0)));
    oracle.check("diagonal_3_scale_shift", &DiagonalMatrix::<3>::new().with_transform(ScaleShift::new(2.0, 1.5)));
    oracle.check("ar1_3_identity", &Ar1Matrix::<3>::new().with_transforms(Identity, Identity));
    oracle.check("compound_symmetric_3_identity", &CompoundSymmetricMatrix::<3>::new().with_transforms(Identity, Identity));
    oracle.check("equicorrelation_3_sigmoid", &EquicorrelationMatrix::<3>::new().with_transform(Sigmoid));
    oracle.check("ar1_3_fixed_rho", &Constrained::<_, f64, 1>::new(Ar1Matrix::<3>::new(), [Source::Free(0), Source::Fixed(0.8)]));
    oracle.check("ar1_3_fixed_sigma", &Constrained::<_, f64, 1>::new(Ar1Matrix::<3>::new(), [Source::Fixed(0.0), Source::Free(0)]));
    oracle.check("compound_symmetric_3_fixed_sigma", &Constrained::<_, f64, 1>::new(CompoundSymmetricMatrix::<3>::new(), [Source::Fixed(-0.4), Source::Free(0)]));
    oracle.check("unconstrained_3_some_fixed", &Constrained::<_, f64, 4>::new(UnconstrainedMatrix::<3>::new(), [Source::Free(0), Source::Fixed(0.0), Source::Free(1), Source::Free(2), Source::Free(3), Source::Fixed(0.25)]));
    oracle.check("lower_triangular_3x2_some_fixed", &Constrained::<_, f64, 3>::new(LowerTriangularMatrix::<3, 2>::new(), [Source::Fixed(1.0), Source::Free(0), Source::Fixed(0.5), Source::Free(1), Source::Free(2)]));
    oracle.check("scalar_3_all_fixed", &Constrained::<_, f64, 0>::new(ScalarMatrix::<3>::new(), [Source::Fixed(0.75)]));
    oracle.check("simple_exp_distance_3", &user::Distance::<3> { distances: [[0.0, 1.1, 2.4], [1.1, 0.0, 1.3], [2.4, 1.3, 0.0]], power: 1, default: 0.0 });
    oracle.check("simple_exp_distance_3_manual", &user::Distance::<3> { distances: [[0.0, 1.1, 2.4], [1.1, 0.0, 1.3], [2.4, 1.3, 0.0]], power: 1, default: 0.2 });
    oracle.check("simple_gauss_distance_3", &user::Distance::<3> { distances: [[0.0, 1.1, 2.4], [1.1, 0.0, 1.3], [2.4, 1.3, 0.0]], power: 2, default: 0.1 });
    oracle.check("simple_outer_3", &user::Outer::<3> { default: 0.5 });
    oracle.check("simple_linear_combination_3", &user::Combination::<3, 3> { bases: [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]], default: 0.0 });
    oracle.check("adapter_ar1_3_tied", &Adapter::new(Ar1Matrix::<3>::new(), user::Polynomials::<1, 2> { names: ["a"], defaults: [0.2], terms: [&[(1.0, &[(0, 1)])], &[(0.5, &[]), (2.0, &[(0, 1)])]] }));
    oracle.check("adapter_diag_3_linear", &Adapter::new(DiagonalMatrix::<3>::new(), user::Polynomials::<2, 3> { names: ["b0", "b1"], defaults: [0.1, -0.2], terms: [&[(1.0, &[(0, 1)]), (0.0, &[(1, 1)])], &[(1.0, &[(0, 1)]), (0.5, &[(1, 1)])], &[(1.0, &[(0, 1)]), (1.0, &[(1, 1)])]] }));
}

pub(crate) const LEAVES_LEFT_OUT: &[&str] = &[
    "diagonal_3_mixed", // parameters of one kind with different transforms
    "unconstrained_2_chain", // parameters of one kind with different transforms
    "diagonal_3_some_fixed", // parameters of one kind with different transforms
    "adapter_nonlinear_3", // an adapter with transforms of its own
];

pub(crate) fn operators(oracle: &mut Oracle) {
    oracle.check("sum_positional", &Ar1Matrix::<3>::new().plus(ScalarMatrix::<3>::new()));
    oracle.check("sum_named_tensor", &named("genetic", UnconstrainedMatrix::<3>::new()).plus(named("known", SMatrix::<f64, 3, 3>::from_row_slice(&[4.6517, 1.1141, 0.3222, 1.1141, 4.0206, -0.0055, 0.3222, -0.0055, 4.098]))).plus(named("residual", DiagonalMatrix::<3>::new())));
    oracle.check("sum_four", &ScalarMatrix::<3>::new().plus(Ar1Matrix::<3>::new()).plus(CompoundSymmetricMatrix::<3>::new()).plus(IdentityMatrix::<3>::new()));
    oracle.check("block_diagonal", &BlockDiagonal::new(BlockDiagonal::new(Ar1Matrix::<3>::new(), ScalarMatrix::<2>::new()), DiagonalMatrix::<3>::new()));
    oracle.check("block_diagonal_rect", &BlockDiagonal::new(BlockDiagonal::new(named("a", EqualEntryMatrix::<2, 3>::new()), named("z", SMatrix::<f64, 1, 2>::from_row_slice(&[-1.079, 0.383]))), named("l", LowerTriangularMatrix::<3, 2>::new())));
    oracle.check("cov_prop_tensor_z", &CovariancePropagation::new(named("Z", SMatrix::<f64, 5, 3>::from_row_slice(&[-1.243, -0.818, 0.858, 0.233, 1.229, 1.241, -0.851, 0.982, -0.481, 1.364, -0.313, -1.274, 1.447, -0.822, -0.078])), named("G", UnconstrainedMatrix::<3>::new())));
    oracle.check("cov_prop_dummy_z", &CovariancePropagation::new(named("Z", DummyMatrix::<6, 3>::from_labels(&["a", "b", "a", "c", "b", "c"]).unwrap()), named("G", Ar1Matrix::<3>::new())));
    oracle.check("cov_prop_tensor_g", &CovariancePropagation::new(named("Z", LowerTriangularMatrix::<4, 3>::new()), named("G", SMatrix::<f64, 3, 3>::from_row_slice(&[4.5871, 2.1305, -1.5459, 2.1305, 6.3142, -1.1876, -1.5459, -1.1876, 7.267]))));
    oracle.check("cov_prop_both", &CovariancePropagation::new(named("Z", LowerTriangularMatrix::<4, 3>::new()), named("G", Ar1Matrix::<3>::new())));
    oracle.check("cov_prop_het_cs", &CovariancePropagation::new(named("sd", DiagonalMatrix::<3>::new()), named("corr", EquicorrelationMatrix::<3>::new())));
    oracle.check("kron_ar1_ar1", &KroneckerProduct::new(named("row", Ar1Matrix::<2>::new()), named("col", Ar1Matrix::<3>::new())));
    oracle.check("kron_tensor_left", &KroneckerProduct::new(SMatrix::<f64, 2, 2>::from_row_slice(&[3.2062, 0.4156, 0.4156, 2.2596]), UnconstrainedMatrix::<3>::new()));
    oracle.check("kron_tensor_right", &KroneckerProduct::new(CompoundSymmetricMatrix::<3>::new(), SMatrix::<f64, 2, 3>::from_row_slice(&[0.809, 0.307, 1.153, -0.166, -0.941, 0.671])));
    oracle.check("kron_rect", &KroneckerProduct::new(LowerTriangularMatrix::<3, 2>::new(), EqualEntryMatrix::<2, 1>::new()));
    oracle.check("kron_same_names", &KroneckerProduct::new(UnconstrainedMatrix::<2>::new(), UnconstrainedMatrix::<2>::new()));
    oracle.check("hadamard", &HadamardProduct::new(Ar1Matrix::<3>::new(), CompoundSymmetricMatrix::<3>::new()));
    oracle.check("hadamard_tensor", &HadamardProduct::new(named("K", SMatrix::<f64, 3, 3>::from_row_slice(&[5.1472, -1.2032, 1.1743, -1.2032, 7.3082, 0.6464, 1.1743, 0.6464, 5.7029])), named("E", EquicorrelationMatrix::<3>::new())));
    oracle.check("hadamard_rect", &HadamardProduct::new(LowerTriangularMatrix::<3, 2>::new(), EqualEntryMatrix::<3, 2>::new()));
    oracle.check("product", &Product::new(LowerTriangularMatrix::<3, 3>::new(), Ar1Matrix::<3>::new()));
    oracle.check("product_tensor", &Product::new(named("X", SMatrix::<f64, 2, 3>::from_row_slice(&[1.458, 0.767, 1.24, -0.93, 1.128, 0.278])), named("V", UnconstrainedMatrix::<3>::new())));
    oracle.check("product_nonsymmetric", &Product::new(Ar1Matrix::<3>::new(), CompoundSymmetricMatrix::<3>::new()));
    oracle.check("transpose", &Transpose::new(LowerTriangularMatrix::<3, 2>::new()));
    oracle.check("gram_xtx", &Gram::new(LowerTriangularMatrix::<3, 3>::new()));
    oracle.check("gram_xxt", &OuterGram::new(LowerTriangularMatrix::<3, 2>::new()));
    oracle.check("gram_xtx_rect", &Gram::new(LowerTriangularMatrix::<4, 2>::new()));
    oracle.check("gram_xxt_ar1", &OuterGram::new(Ar1Matrix::<3>::new()));
    oracle.check("augment", &Augment::new(Augment::new(EqualEntryMatrix::<3, 2>::new(), Ar1Matrix::<3>::new()), SMatrix::<f64, 3, 1>::from_row_slice(&[-0.887, -0.579, 1.103])));
    oracle.check("stack", &Stack::new(Stack::new(EqualEntryMatrix::<1, 3>::new(), CompoundSymmetricMatrix::<3>::new()), SMatrix::<f64, 2, 3>::from_row_slice(&[-1.323, 0.539, 1.247, -0.737, -1.253, 0.133])));
    oracle.check("inverse_ar1", &Inverse::new(Ar1Matrix::<3>::new()));
    oracle.check("inverse_cs", &Inverse::new(CompoundSymmetricMatrix::<3>::new()));
    oracle.check("inverse_sum", &Inverse::new(ScalarMatrix::<3>::new().plus(SMatrix::<f64, 3, 3>::from_row_slice(&[4.6334, -0.9648, 0.1982, -0.9648, 5.7779, -0.8082, 0.1982, -0.8082, 4.8287]))));
    oracle.check("inverse_lower", &Inverse::new(LowerTriangularMatrix::<3, 3>::new()));
    oracle.check("sum_prefix_fixed", &Constrained::<_, f64, 4>::new(named("G", KroneckerProduct::new(named("a", Ar1Matrix::<2>::new()), named("b", UnconstrainedMatrix::<2>::new()))).plus(named("R", ScalarMatrix::<4>::new().with_transform(Exp))), [Source::Fixed(0.0), Source::Fixed(0.0), Source::Free(0), Source::Free(1), Source::Free(2), Source::Free(3)]));
    oracle.check("sum_all_fixed_by_root", &Constrained::<_, f64, 0>::new(ScalarMatrix::<3>::new().plus(Ar1Matrix::<3>::new()), [Source::Fixed(0.0), Source::Fixed(0.0), Source::Fixed(0.0)]));
    oracle.check("augment_one_fixed", &Constrained::<_, f64, 3>::new(Augment::new(Ar1Matrix::<3>::new(), DiagonalMatrix::<3>::new()), [Source::Fixed(0.0), Source::Fixed(1.0), Source::Free(0), Source::Free(1), Source::Free(2)]));
    oracle.check("adapter_shared_variance", &Adapter::new(BlockDiagonal::new(Ar1Matrix::<2>::new(), Ar1Matrix::<3>::new()), user::Polynomials::<2, 4> { names: ["log_s", "r"], defaults: [0.1, 0.4], terms: [&[(1.0, &[(0, 1)])], &[(1.0, &[(1, 1)])], &[(1.0, &[(0, 1)])], &[(1.0, &[(1, 1)])]] }));
    oracle.check("adapter_in_sum", &named("A", Adapter::new(KroneckerProduct::new(Ar1Matrix::<2>::new(), EquicorrelationMatrix::<2>::new()), user::Polynomials::<2, 3> { names: ["p", "q"], defaults: [0.3, -0.2], terms: [&[(1.0, &[(0, 1)])], &[(1.0, &[(1, 1)])], &[(1.0, &[(0, 1), (1, 1)]), (0.1, &[])]] })).plus(named("R", ScalarMatrix::<4>::new())));
}

pub(crate) const OPERATORS_LEFT_OUT: &[&str] = &[
];

pub(crate) fn composites(oracle: &mut Oracle) {
    oracle.check("random_intercept_slope", &named("U", CovariancePropagation::new(named("Z", SMatrix::<f64, 6, 4>::from_row_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 2.0])), named("G", KroneckerProduct::new(named("I", IdentityMatrix::<2>::new()), named("G0", UnconstrainedMatrix::<2>::new()))))).plus(named("R", ScalarMatrix::<6>::new())));
    oracle.check("random_slope_cholesky", &named("U", CovariancePropagation::new(named("Z", SMatrix::<f64, 6, 4>::from_row_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 2.0])), named("G", KroneckerProduct::new(named("I", IdentityMatrix::<2>::new()), named("G0", OuterGram::new(named("L", LowerTriangularMatrix::<2, 2>::new()))))))).plus(named("R", ScalarMatrix::<6>::new())));
    oracle.check("split_plot", &named("block", CovariancePropagation::new(named("Z", DummyMatrix::<8, 2>::from_labels(&["b1", "b1", "b1", "b1", "b2", "b2", "b2", "b2"]).unwrap()), named("G", ScalarMatrix::<2>::new()))).plus(named("wholeplot", CovariancePropagation::new(named("Z", DummyMatrix::<8, 2>::from_labels(&["b1", "b1", "b1", "b1", "b2", "b2", "b2", "b2"]).unwrap().crossed(&DummyMatrix::<8, 2>::from_labels(&["w1", "w1", "w2", "w2", "w1", "w1", "w2", "w2"]).unwrap())), named("G", ScalarMatrix::<4>::new())))).plus(named("R", ScalarMatrix::<8>::new())));
    oracle.check("spatial_ar1_ar1_nugget", &Constrained::<_, f64, 4>::new(named("spatial", KroneckerProduct::new(named("row", Ar1Matrix::<3>::new()), named("col", Ar1Matrix::<4>::new()))).plus(named("nugget", ScalarMatrix::<12>::new())), [Source::Free(0), Source::Free(1), Source::Fixed(0.0), Source::Free(2), Source::Free(3)]));
    oracle.check("factor_analytic", &named("common", OuterGram::new(named("loadings", LowerTriangularMatrix::<5, 2>::new()))).plus(named("specific", DiagonalMatrix::<5>::new())));
    oracle.check("trainable_z_unconstrained", &named("U", CovariancePropagation::new(named("Z", UnconstrainedMatrix::<3>::new()), named("G", DiagonalMatrix::<3>::new()))).plus(named("R", ScalarMatrix::<3>::new())));
    oracle.check("loading_cs", &Constrained::<_, f64, 12>::new(named("U", CovariancePropagation::new(named("Z", LowerTriangularMatrix::<4, 2>::new()), named("G", CompoundSymmetricMatrix::<2>::new()))).plus(named("R", DiagonalMatrix::<4>::new().with_transform(Exp))), [Source::Free(0), Source::Free(1), Source::Free(2), Source::Free(3), Source::Free(4), Source::Free(5), Source::Free(6), Source::Fixed(0.0), Source::Free(7), Source::Free(8), Source::Free(9), Source::Free(10), Source::Free(11)]));
    oracle.check("crossed_augmented", &named("CP", CovariancePropagation::new(named("Z", Augment::new(named("plate", DummyMatrix::<6, 3>::from_labels(&["p1", "p1", "p2", "p2", "p3", "p3"]).unwrap()), named("sample", DummyMatrix::<6, 2>::from_labels(&["s1", "s2", "s1", "s2", "s1", "s2"]).unwrap()))), named("G", BlockDiagonal::new(named("plate", ScalarMatrix::<3>::new()), named("sample", ScalarMatrix::<2>::new()))))).plus(named("R", ScalarMatrix::<6>::new())));
    oracle.check("sections_residual", &named("U", CovariancePropagation::new(named("Z", DummyMatrix::<7, 3>::from_labels(&["a", "b", "a", "b", "c", "a", "c"]).unwrap()), named("G", ScalarMatrix::<3>::new()))).plus(named("R", BlockDiagonal::new(BlockDiagonal::new(named("s1", ScalarMatrix::<2>::new()), named("s2", Ar1Matrix::<3>::new())), named("s3", CompoundSymmetricMatrix::<2>::new())))));
    oracle.check("heterogeneous_ar1", &Constrained::<_, f64, 5>::new(CovariancePropagation::new(named("sd", DiagonalMatrix::<4>::new().with_transform(Exp)), named("corr", Ar1Matrix::<4>::new())), [Source::Free(0), Source::Free(1), Source::Free(2), Source::Free(3), Source::Fixed(0.0), Source::Free(4)]));
    oracle.check("two_trait_animal", &named("G", KroneckerProduct::new(named("G0", OuterGram::new(named("L", LowerTriangularMatrix::<2, 2>::new()))), named("A", SMatrix::<f64, 3, 3>::from_row_slice(&[1.0, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 1.0])))).plus(named("R", KroneckerProduct::new(named("R0", UnconstrainedMatrix::<2>::new()), named("I", IdentityMatrix::<3>::new())))));
    oracle.check("multi_environment", &named("GE", CovariancePropagation::new(named("Z", DummyMatrix::<6, 2>::from_labels(&["e1", "e1", "e1", "e2", "e2", "e2"]).unwrap().crossed(&DummyMatrix::<6, 3>::from_labels(&["g1", "g2", "g3", "g2", "g3", "g1"]).unwrap())), named("G", KroneckerProduct::new(named("Ge", named("lam", OuterGram::new(named("L", LowerTriangularMatrix::<2, 1>::new()))).plus(named("psi", DiagonalMatrix::<2>::new()))), named("I", IdentityMatrix::<3>::new()))))).plus(named("R", BlockDiagonal::new(Ar1Matrix::<3>::new(), Ar1Matrix::<3>::new()))));
    oracle.check("precision_car", &named("car", Inverse::new(named("Q", named("tau", ScalarMatrix::<4>::new()).plus(named("k", HadamardProduct::new(named("L", SMatrix::<f64, 4, 4>::from_row_slice(&[1.0, -1.0, 0.0, 0.0, -1.0, 2.0, -1.0, 0.0, 0.0, -1.0, 2.0, -1.0, 0.0, 0.0, -1.0, 1.0])), named("w", EqualEntryMatrix::<4, 4>::new()))))))).plus(named("R", ScalarMatrix::<4>::new())));
    oracle.check("exponential_spatial", &named("S", user::Distance::<4> { distances: [[0.0, 1.019804, 1.726268, 2.828427], [1.019804, 0.0, 1.655295, 2.059126], [1.726268, 1.655295, 0.0, 1.726268], [2.828427, 2.059126, 1.726268, 0.0]], power: 1, default: 0.0 }).plus(named("R", ScalarMatrix::<4>::new())));
    oracle.check("block_matrix_shared", &Adapter::new(Stack::new(named("top", Augment::new(named("A", Ar1Matrix::<2>::new()), named("B", EqualEntryMatrix::<2, 3>::new()))), named("bottom", Augment::new(named("Bt", Transpose::new(named("B", EqualEntryMatrix::<2, 3>::new()))), named("C", CompoundSymmetricMatrix::<3>::new())))), user::Polynomials::<5, 6> { names: ["a", "ra", "b", "c", "rc"], defaults: [0.5, 0.3, -1.0, 0.6, 0.2], terms: [&[(1.0, &[(0, 1)])], &[(1.0, &[(1, 1)])], &[(1.0, &[(2, 1)])], &[(1.0, &[(2, 1)])], &[(1.0, &[(3, 1)])], &[(1.0, &[(4, 1)])]] }));
    oracle.check("banded_toeplitz", &named("diag", ScalarMatrix::<4>::new()).plus(named("lag1", HadamardProduct::new(named("B", SMatrix::<f64, 4, 4>::from_row_slice(&[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0])), named("v", EqualEntryMatrix::<4, 4>::new().with_transform(Identity))))).plus(named("lag2", HadamardProduct::new(named("B", SMatrix::<f64, 4, 4>::from_row_slice(&[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0])), named("v", EqualEntryMatrix::<4, 4>::new().with_transform(Identity))))));
    oracle.check("gxe_hadamard", &named("GE", HadamardProduct::new(named("K", CovariancePropagation::new(named("Z", DummyMatrix::<6, 3>::from_labels(&["a", "b", "c", "a", "b", "c"]).unwrap()), named("A", SMatrix::<f64, 3, 3>::from_row_slice(&[6.4986, -0.3472, 1.2825, -0.3472, 5.5308, 0.954, 1.2825, 0.954, 3.9722])))), named("E", CovariancePropagation::new(named("Z", DummyMatrix::<6, 2>::from_labels(&["x", "x", "x", "y", "y", "y"]).unwrap()), named("C", CompoundSymmetricMatrix::<2>::new()))))).plus(named("R", ScalarMatrix::<6>::new())));
    oracle.check("random_regression_legendre", &named("U", CovariancePropagation::new(named("Z", SMatrix::<f64, 5, 3>::from_row_slice(&[1.0, -1.0, 1.0, 1.0, -0.5, -0.125, 1.0, 0.0, -0.5, 1.0, 0.5, -0.125, 1.0, 1.0, 1.0])), named("G", UnconstrainedMatrix::<3>::new()))).plus(named("R", DiagonalMatrix::<5>::new())));
    oracle.check("three_way_kron", &Constrained::<_, f64, 5>::new(KroneckerProduct::new(named("ab", KroneckerProduct::new(named("a", CompoundSymmetricMatrix::<2>::new()), named("b", Ar1Matrix::<2>::new()))), named("c", UnconstrainedMatrix::<2>::new())), [Source::Fixed(0.0), Source::Free(0), Source::Fixed(0.0), Source::Free(1), Source::Free(2), Source::Free(3), Source::Free(4)]));
    oracle.check("modified_cholesky", &Constrained::<_, f64, 6>::new(Inverse::new(named("P", CovariancePropagation::new(named("Lt", Transpose::new(named("L", LowerTriangularMatrix::<3, 3>::new()))), named("Dinv", Inverse::new(named("D", DiagonalMatrix::<3>::new())))))), [Source::Fixed(1.0), Source::Free(0), Source::Fixed(1.0), Source::Free(1), Source::Free(2), Source::Fixed(1.0), Source::Free(3), Source::Free(4), Source::Free(5)]));
    oracle.check("all_known_but_one", &Constrained::<_, f64, 1>::new(named("known", KroneckerProduct::new(named("a", Ar1Matrix::<2>::new()), named("b", Ar1Matrix::<2>::new()))).plus(named("R", ScalarMatrix::<4>::new())), [Source::Fixed(0.0), Source::Fixed(1.2), Source::Fixed(0.0), Source::Fixed(-0.7), Source::Free(0)]));
}

pub(crate) const COMPOSITES_LEFT_OUT: &[&str] = &[
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
