// One iteration of restricted maximum likelihood in Eigen with fixed sizes, as the textbook has it and as an
// expert would write it: PEERS_N observations, PEERS_Q random and PEERS_K fixed effects.

#include "common.hpp"

namespace PEERS_NAMESPACE {

// The design, the responses and the weights of one REML iteration, V = Z diag(σ²) Zᵀ + σ² diag(1/w) of log σ.
template <int N, int K> struct Data {
    double x[N * K];
    double y[N];
    double weights[N];
};

template <int N, int Q, int K> struct Reml {
    static constexpr int P = Q + 1;
    using V = Mat<N, N>;

    static constexpr double LOG_TWO_PI = 1.8378770664093454836;

    static void write(double log_det, double log_det_x, double quadratic, const double* score, const Mat<P, P>& ai,
                      double* out) {
        *out++ = -0.5 * ((N - K) * LOG_TWO_PI + log_det + log_det_x + quadratic);
        for (int k = 0; k < P; ++k) *out++ = score[k];
        Out<P, P>{out} = ai;
    }

    // With V⁻¹, P and every ∂V as matrices, and tr(P ∂V) as it is written.
    static void textbook(const double* z_, const double* theta, const void* extra, double* out) {
        const auto& data = *static_cast<const Data<N, K>*>(extra);
        In<N, Q> z(z_);
        In<N, K> x(data.x);
        In<N, 1> y(data.y);
        Vec<P> variances = (2.0 * In<P, 1>(theta)).array().exp();
        Mat<Q, Q> g = variances.template head<Q>().asDiagonal();
        V r = (variances[Q] * In<N, 1>(data.weights).cwiseInverse()).asDiagonal();
        V v = z * g * z.transpose() + r;
        V inverse = v.inverse();
        Mat<K, K> equations = x.transpose() * inverse * x;
        V p = inverse - inverse * x * equations.inverse() * x.transpose() * inverse;
        Vec<N> py = p * y;
        double score[P];
        Mat<N, P> products;
        for (int k = 0; k < P; ++k) {
            V dv;
            if (k < Q) {
                Mat<Q, Q> dg = Mat<Q, Q>::Zero();
                dg(k, k) = 2.0 * variances[k];
                dv = z * dg * z.transpose();
            } else {
                dv = 2.0 * r;
            }
            products.col(k) = dv * py;
            score[k] = 0.5 * (py.dot(products.col(k)) - (p * dv).trace());
        }
        Mat<P, P> ai = 0.5 * products.transpose() * p * products;
        write(std::log(v.determinant()), std::log(equations.determinant()), y.dot(py), score, ai, out);
    }

    // Cholesky factors, ∂V of rank one, traces as sums of products of entries.
    static void expert(const double* z_, const double* theta, const void* extra, double* out) {
        const auto& data = *static_cast<const Data<N, K>*>(extra);
        In<N, Q> z(z_);
        In<N, K> x(data.x);
        In<N, 1> y(data.y);
        Vec<P> variances = (2.0 * In<P, 1>(theta)).array().exp();
        Vec<N> r = variances[Q] * In<N, 1>(data.weights).cwiseInverse();
        Mat<N, Q> w;
        w.noalias() = z * variances.template head<Q>().asDiagonal();
        V v;
        v.noalias() = w.lazyProduct(z.transpose());
        v.diagonal() += r;
        Eigen::LLT<V> factor(v);
        V p = factor.solve(V::Identity());
        Mat<N, K> h;
        h.noalias() = p * x;
        Mat<K, K> equations;
        equations.noalias() = x.transpose() * h;
        Eigen::LLT<Mat<K, K>> of_x(equations);
        Mat<K, N> ch = of_x.solve(h.transpose());
        p.noalias() -= h.lazyProduct(ch);
        Vec<N> py;
        py.noalias() = p * y;
        double score[P];
        Mat<N, P> products;
        V dv;
        for (int k = 0; k < Q; ++k) {
            Vec<N> scaled = 2.0 * w.col(k);
            dv.noalias() = scaled.lazyProduct(z.col(k).transpose());
            products.col(k).noalias() = scaled * z.col(k).dot(py);
            score[k] = 0.5 * (py.dot(products.col(k)) - p.cwiseProduct(dv).sum());
        }
        products.col(Q) = 2.0 * r.cwiseProduct(py);
        score[Q] = 0.5 * py.dot(products.col(Q)) - p.diagonal().dot(r);
        Mat<N, P> p_products;
        p_products.noalias() = p * products;
        Mat<P, P> ai;
        ai.noalias() = 0.5 * products.transpose() * p_products;
        double log_det = 2.0 * factor.matrixLLT().diagonal().array().log().sum();
        double log_det_x = 2.0 * of_x.matrixLLT().diagonal().array().log().sum();
        write(log_det, log_det_x, y.dot(py), score, ai, out);
    }
};

} // namespace PEERS_NAMESPACE

extern "C" PEERS_NAMESPACE::Function PEERS_REML(bool expert) {
    using Reml = PEERS_NAMESPACE::Reml<PEERS_N, PEERS_Q, PEERS_K>;
    return expert ? Reml::expert : Reml::textbook;
}
