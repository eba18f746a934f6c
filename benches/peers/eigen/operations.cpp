// The operations in Eigen with fixed sizes, each in two forms: the textbook's expression, and what one who
// knows Eigen and the structure would write. One size, PEERS_N × PEERS_Q, since all of them in one file take
// compilers far longer.

#include "common.hpp"

namespace PEERS_NAMESPACE {

// σ² ρ^|i−j| of θ = (σ², ρ).
template <int Q> Mat<Q, Q> ar1(const double* theta) {
    double power[Q];
    double x = theta[0];
    for (int d = 0; d < Q; ++d, x *= theta[1]) power[d] = x;
    Mat<Q, Q> g;
    for (int j = 0; j < Q; ++j)
        for (int i = 0; i < Q; ++i) g(i, j) = power[std::abs(i - j)];
    return g;
}

// Its derivative by σ² (k = 0) or ρ (k = 1).
template <int Q> Mat<Q, Q> ar1_derivative(const double* theta, int k) {
    double entry[Q];
    double x = k == 0 ? 1.0 : theta[0];
    entry[0] = k == 0 ? 1.0 : 0.0;
    for (int d = 1; d < Q; ++d) {
        if (k == 0) x *= theta[1];
        entry[d] = k == 0 ? x : d * x;
        if (k == 1) x *= theta[1];
    }
    Mat<Q, Q> g;
    for (int j = 0; j < Q; ++j)
        for (int i = 0; i < Q; ++i) g(i, j) = entry[std::abs(i - j)];
    return g;
}

// L of its entries row by row.
template <int Q> Mat<Q, Q> lower(const double* theta) {
    Mat<Q, Q> l = Mat<Q, Q>::Zero();
    for (int i = 0; i < Q; ++i)
        for (int j = 0; j <= i; ++j) l(i, j) = *theta++;
    return l;
}

// A trainable Z = A + θ₀ B₀ + θ₁ B₁ and a fixed G.
template <int N, int Q> struct Trainable {
    double slopes[2][N * Q];
    double g[Q * Q];
};

template <int N, int Q> struct Textbook {
    using V = Mat<N, N>;
    using G = Mat<Q, Q>;
    using Z = Mat<N, Q>;

    static G diagonal(const double* theta, double slope) {
        G g = G::Zero();
        for (int k = 0; k < Q; ++k) g(k, k) = slope * theta[k];
        return g;
    }
    // ∂(L Lᵀ) by the entry (i, j) of L.
    static G of_entry(const G& l, int i, int j) {
        G dl = G::Zero();
        dl(i, j) = 1.0;
        return dl * l.transpose() + l * dl.transpose();
    }

    static void value_full(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        G g = ar1<Q>(theta);
        Out<N, N>{out} = z * g * z.transpose();
    }
    static void value_diagonal(const double* z_, const double* theta, const void* slope, double* out) {
        In<N, Q> z(z_);
        G g = diagonal(theta, *static_cast<const double*>(slope));
        Out<N, N>{out} = z * g * z.transpose();
    }
    static void value_cholesky(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        G l = lower<Q>(theta);
        G g = l * l.transpose();
        Out<N, N>{out} = z * g * z.transpose();
    }
    static void value_one_hot(const double* z_, const double* theta, const void*, double* out) {
        value_full(z_, theta, nullptr, out);
    }
    static void gradient_diagonal(const double* z_, const double*, const void* slope, double* out) {
        In<N, Q> z(z_);
        for (int k = 0; k < Q; ++k) {
            G dg = G::Zero();
            dg(k, k) = *static_cast<const double*>(slope);
            Out<N, N>{out + k * N * N} = z * dg * z.transpose();
        }
    }
    static void gradient_cholesky(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        G l = lower<Q>(theta);
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j, out += N * N) {
                G dg = of_entry(l, i, j);
                Out<N, N>{out} = z * dg * z.transpose();
            }
    }
    static void gradient_ar1(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        for (int k = 0; k < 2; ++k) {
            G dg = ar1_derivative<Q>(theta, k);
            Out<N, N>{out + k * N * N} = z * dg * z.transpose();
        }
    }
    static void gradient_trainable(const double* z_, const double* theta, const void* extra, double* out) {
        const auto& parts = *static_cast<const Trainable<N, Q>*>(extra);
        In<Q, Q> g(parts.g);
        Z z = In<N, Q>(z_) + theta[0] * In<N, Q>(parts.slopes[0]) + theta[1] * In<N, Q>(parts.slopes[1]);
        for (int k = 0; k < 2; ++k) {
            In<N, Q> dz(parts.slopes[k]);
            Out<N, N>{out + k * N * N} = dz * g * z.transpose() + z * g * dz.transpose();
        }
    }
    static void pullback(const double* z_, const double* theta, const void* extra, double* out) {
        In<N, Q> z(z_);
        In<N, N> w(static_cast<const double*>(extra));
        G l = lower<Q>(theta);
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j) {
                G dg = of_entry(l, i, j);
                V dv = z * dg * z.transpose();
                *out++ = w.cwiseProduct(dv).sum();
            }
    }
    static void gradient_mul(const double* z_, const double* theta, const void* extra, double* out) {
        In<N, Q> z(z_);
        In<N, 1> u(static_cast<const double*>(extra));
        G l = lower<Q>(theta);
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j, out += N) {
                G dg = of_entry(l, i, j);
                V dv = z * dg * z.transpose();
                Out<N, 1>{out} = dv * u;
            }
    }
    static void value_and_gradient(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        G g = G::Zero();
        for (int k = 0; k < Q; ++k) g(k, k) = std::exp(2.0 * theta[k]);
        Out<N, N>{out} = z * g * z.transpose();
        for (int k = 0; k < Q; ++k) {
            G dg = G::Zero();
            dg(k, k) = 2.0 * std::exp(2.0 * theta[k]);
            Out<N, N>{out + (k + 1) * N * N} = z * dg * z.transpose();
        }
    }
};

template <int N, int Q> struct Expert {
    using V = Mat<N, N>;
    using G = Mat<Q, Q>;
    using Z = Mat<N, Q>;

    static void value_full(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        Z w;
        w.noalias() = z.lazyProduct(ar1<Q>(theta));
        Out<N, N>{out}.noalias() = w.lazyProduct(z.transpose());
    }
    static void value_diagonal(const double* z_, const double* theta, const void* slope, double* out) {
        In<N, Q> z(z_);
        Z w;
        w.noalias() = z * (*static_cast<const double*>(slope) * In<Q, 1>(theta)).asDiagonal();
        Out<N, N>{out}.noalias() = w.lazyProduct(z.transpose());
    }
    static void value_cholesky(const double* z_, const double* theta, const void*, double* out) {
        Z m;
        m.noalias() = In<N, Q>(z_).lazyProduct(lower<Q>(theta));
        Out<N, N>{out}.noalias() = m.lazyProduct(m.transpose());
    }
    // The rows of G gathered once, then whole columns copied.
    static void value_one_hot(const double*, const double* theta, const void* extra, double* out_) {
        const auto* levels = static_cast<const std::size_t*>(extra);
        G g = ar1<Q>(theta);
        Z rows;
        for (int j = 0; j < Q; ++j)
            for (int i = 0; i < N; ++i) rows(i, j) = g(levels[i], j);
        Out<N, N> out(out_);
        for (int j = 0; j < N; ++j) out.col(j) = rows.col(levels[j]);
    }
    static void gradient_diagonal(const double* z_, const double*, const void* slope, double* out) {
        In<N, Q> z(z_);
        for (int k = 0; k < Q; ++k) {
            Vec<N> scaled = *static_cast<const double*>(slope) * z.col(k);
            Out<N, N>{out + k * N * N}.noalias() = scaled.lazyProduct(z.col(k).transpose());
        }
    }
    static void gradient_cholesky(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        Z m;
        m.noalias() = z.lazyProduct(lower<Q>(theta));
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j, out += N * N)
                Out<N, N>{out}.noalias() = z.col(i).lazyProduct(m.col(j).transpose())
                    + m.col(j).lazyProduct(z.col(i).transpose());
    }
    static void gradient_ar1(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        Z w;
        for (int k = 0; k < 2; ++k) {
            w.noalias() = z.lazyProduct(ar1_derivative<Q>(theta, k));
            Out<N, N>{out + k * N * N}.noalias() = w.lazyProduct(z.transpose());
        }
    }
    static void gradient_trainable(const double* z_, const double* theta, const void* extra, double* out) {
        const auto& parts = *static_cast<const Trainable<N, Q>*>(extra);
        Z z = In<N, Q>(z_) + theta[0] * In<N, Q>(parts.slopes[0]) + theta[1] * In<N, Q>(parts.slopes[1]);
        Z w;
        w.noalias() = z.lazyProduct(In<Q, Q>(parts.g));
        V half;
        for (int k = 0; k < 2; ++k) {
            half.noalias() = In<N, Q>(parts.slopes[k]).lazyProduct(w.transpose());
            Out<N, N>{out + k * N * N} = half + half.transpose();
        }
    }
    // H = Zᵀ W Z, and by L: (H + Hᵀ) L.
    static void pullback(const double* z_, const double* theta, const void* extra, double* out) {
        In<N, Q> z(z_);
        Z wz;
        wz.noalias() = In<N, N>(static_cast<const double*>(extra)) * z;
        G h, by_l;
        h.noalias() = z.transpose() * wz;
        G both = h + h.transpose();
        by_l.noalias() = both.lazyProduct(lower<Q>(theta));
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j) *out++ = by_l(i, j);
    }
    // zᵢ (mⱼᵀ u) + mⱼ (zᵢᵀ u), with M = Z L.
    static void gradient_mul(const double* z_, const double* theta, const void* extra, double* out) {
        In<N, Q> z(z_);
        G l = lower<Q>(theta);
        Z m;
        m.noalias() = z.lazyProduct(l);
        Vec<Q> zu, mu;
        zu.noalias() = z.transpose().lazyProduct(In<N, 1>(static_cast<const double*>(extra)));
        mu.noalias() = l.transpose().lazyProduct(zu);
        for (int i = 0; i < Q; ++i)
            for (int j = 0; j <= i; ++j, out += N)
                Out<N, 1>{out}.noalias() = z.col(i) * mu[j] + m.col(j) * zu[i];
    }
    static void value_and_gradient(const double* z_, const double* theta, const void*, double* out) {
        In<N, Q> z(z_);
        Vec<Q> g = (2.0 * In<Q, 1>(theta)).array().exp();
        Z w;
        w.noalias() = z * g.asDiagonal();
        Out<N, N>{out}.noalias() = w.lazyProduct(z.transpose());
        for (int k = 0; k < Q; ++k) {
            Vec<N> scaled = 2.0 * w.col(k);
            Out<N, N>{out + (k + 1) * N * N}.noalias() = scaled.lazyProduct(z.col(k).transpose());
        }
    }
};

// In the order of `Operation` on the other side.
template <template <int, int> class Form, int N, int Q> Function of_size(int operation) {
    using F = Form<N, Q>;
    static const Function functions[] = {
        F::value_full,        F::value_diagonal, F::value_cholesky,   F::value_one_hot, F::gradient_diagonal,
        F::gradient_cholesky, F::gradient_ar1,   F::gradient_trainable, F::pullback,    F::gradient_mul,
        F::value_and_gradient,
    };
    return functions[operation];
}

} // namespace PEERS_NAMESPACE

extern "C" PEERS_NAMESPACE::Function PEERS_OPERATION(int operation, bool expert) {
    using namespace PEERS_NAMESPACE;
    return expert ? of_size<Expert, PEERS_N, PEERS_Q>(operation) : of_size<Textbook, PEERS_N, PEERS_Q>(operation);
}
