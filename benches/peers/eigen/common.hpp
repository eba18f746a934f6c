// What the peers in C++ share. Every file is compiled once by each compiler, with Eigen and this namespace
// renamed, so that the linker cannot take a template's instance of the one for that of the other.
//
// Matrices are columns of doubles without gaps, in and out.

#pragma once

#include <Eigen/Dense>

#include <cmath>
#include <cstdint>

namespace PEERS_NAMESPACE {

using Eigen::Dynamic;
using Eigen::Map;
using Eigen::Matrix;

template <int R, int C> using Mat = Matrix<double, R, C>;
template <int N> using Vec = Matrix<double, N, 1>;
template <int R, int C> using In = Map<const Mat<R, C>>;
template <int R, int C> using Out = Map<Mat<R, C>>;

using Function = void (*)(const double* z, const double* theta, const void* extra, double* out);

} // namespace PEERS_NAMESPACE
