"""Lines as learners type them, true ones and false ones, for each derivation."""

TRUE = {
    "output_delta": r"""
sum_k dL/dA2_k dA2_k/dz2_i
sum_{k=1}^K dL/dA2_k * dA2_k/dz2_i
Σ_k ∂L/∂A2_k ∂A2_k/∂z2_i
∑_m dL/dA2_m · dA2_m/dz2_i
\sum_{k=1}^{K} \frac{\partial L}{\partial A_{2k}} \cdot \frac{\partial A_{2k}}{\partial z_{2i}}
sum[k=1..K] d/dA2_k (-sum_m y_m log A2_m) dA2_k/dz2_i
d/dz2_i (-sum_k y_k log A2_k)
d/dz2_i (- Σ_k y_k ln(A2_k))
-sum_k y_k d/dz2_i (log A2_k)
-sum_k y_k dlog(A2_k)/dz2_i
-sum_k y_k/A2_k * dA2_k/dz2_i
sum_k -(y_k/A2_k) dA2_k/dz2_i
-sum_k (y_k / A2_k) (dA2_k/dz2_i)
- sum(k, (y_k/A2_k) * A2_k * (delta_ik - A2_i))
-sum_k (y_k/A2_k) A2_k (I(i = k) - A2_i)
-sum_k y_k (delta_ik - A2_i)
-Σ_k y_tk (δ_ik - A_{2i})
-sum_k y_k ([i=k] - A2_i)
-sum_k y_k delta_ik + sum_k y_k A2_i
-sum_k y_k I(i==k) + A2_i sum_k y_k
-y_i + A2_i Σ_k y_k
-y_i + A2_i * (sum_k y_k)
-y_i + A2_i * 1
A2_i * sum_k y_k - y_i
A2_i - y_i
A2i - yi
A_2i - y_ti
A_{2i} - y_{ti}
A2[i] - y[i]
A₂ᵢ - yᵢ
-(y_i - A2_i)
A2_i - I(t = i)
A2_i - [i = t]
A2_i - delta_it
A2_i - y_i^2
A2_i sum_k y_k^2 - y_i
-y_i(1 - A2_i) + sum_{k != i} y_k A2_i
-y_i (1 - A2_i) + sum_{k≠i} y_k A2_i
-y_i + y_i A2_i + A2_i sum_{k ≠ i} y_k
-y_i + y_i A2_i + A2_i (1 - y_i)
-y_i (1-A2_i) + A2_i (1 - y_i)
sum_k {-y_i (1 - A2_i) if i = k, else y_k A2_i}
\sum_k \begin{cases} -y_{ti}(1 - A_{2i}), & i = k \\ y_{tk} A_{2i}, & i \ne k \end{cases}
exp(z2_i)/(sum_j exp(z2_j)) - y_i
e^z2_i/sum_j e^z2_j - y_i
\frac{e^{z_{2i}}}{\sum_j e^{z_{2j}}} - y_{ti}
-sum_k y_k d/dz2_i (z2_k - log sum_j e^z2_j)
-sum_k y_k (delta_ik - e^z2_i/sum_j e^z2_j)
d/dz2_i (log sum_j e^z2_j - sum_k y_k z2_k)
d/dz2_i (log sum_j e^z2_j - z2_t)
∂/∂z2_i log Σ_j e^{z2_j} - ∂z2_t/∂z2_i
e^z2_i/sum_j e^z2_j - delta_it
(e^z2_i - y_i sum_j e^z2_j)/(sum_j e^z2_j)
-(1/A2_t) * dA2_t/dz2_i
-1/A2_t * dA2_t/dz2_i
-d/dz2_i (log A2_t)
-(1/A2_t) A2_t (I(t = i) - A2_i)
-(I(t=i) - A2_i)
{A2_i - 1 if i = t, else A2_i}
sum_k (A2_k - y_k) delta_ik
A2 - y
dL/dz2_i = A2_i - y_i
= A2_i - y_i   # one-hot
A2_i - y_i, because the labels sum to 1
delta2_i
""",
    "softmax_jacobian": r"""
d/dz2_i (e^z2_k / sum_j e^z2_j)
d/dz2_i (exp(z2_k)/(sum_j exp(z2_j)))
(de^z2_k/dz2_i * sum_j e^z2_j - e^z2_k * d/dz2_i (sum_j e^z2_j)) / (sum_j e^z2_j)^2
(delta_ik e^z2_k sum_j e^z2_j - e^z2_k e^z2_i) / (sum_j e^z2_j)^2
\frac{\delta_{ik} e^{z_{2k}} \sum_j e^{z_{2j}} - e^{z_{2k}} e^{z_{2i}}}{\left(\sum_j e^{z_{2j}}\right)^2}
delta_ik e^z2_k/sum_j e^z2_j - e^z2_k e^z2_i/(sum_j e^z2_j)^2
{e^z2_i (sum_j e^z2_j - e^z2_i)/(sum_j e^z2_j)^2 if i = k, else -e^z2_k e^z2_i/(sum_j e^z2_j)^2}
{A2_i (1 - A2_i) if i = k, else -A2_k A2_i}
{A2_i (1 - A2_i), i = k; -A2_k A2_i, i != k}
\begin{cases} A_{2i}(1-A_{2i}) & i = k \\ -A_{2k}A_{2i} & i \ne k \end{cases}
A2_k (delta_ik - A2_i)
A2_k*(I(i=k) - A2_i)
A_{2k}(\delta_{ik} - A_{2i})
A2_i (delta_ik - A2_k)
A2_i ([i = k] - A2_k)
delta_ik A2_k - A2_k A2_i
delta_ik A2_i - A2_i A2_k
diag(A2) - A2 A2^T
A2_k dlog(A2_k)/dz2_i
A2_k d/dz2_i (z2_k - log sum_j e^z2_j)
""",
    "loss_by_A2": r"""
d/dA2_k (-sum_m y_m log A2_m)
-sum_m y_m d/dA2_k (log A2_m)
-sum_m y_m delta_mk/A2_m
-sum_i y_i (1/A2_i) delta_ik
-sum_m y_m I(m = k)/A2_m
-y_k/A2_k
-y_tk / A_2k
-\frac{y_{tk}}{A_{2k}}
-(y_k * A2_k^-1)
-1/A2_k * y_k
""",
    "grad_w2": r"""
sum_i dL/dz2_i dz2_i/dw2_kj
sum_m dL/dz2_m dz2_m/dw2_kj
Σ_i ∂L/∂z2_i ∂z2_i/∂w2_kj
sum_i dL/dz2_i d/dw2_kj (sum_l w2_il A1_l + b2_i)
sum_i (A2_i - y_i) dz2_i/dw_{2,kj}
sum_i (A2_i - y_i) delta_ik A1_j
sum_i (A2_i - y_i) I(i=k) A1_j
dL/dz2_k dz2_k/dw2_kj
dL/dz2_k A1_j
(A2_k - y_k) A1_j
(A_{2k} - y_{tk}) A_{1j}
A1_j (A2_k - y_k)
A2_k A1_j - y_k A1_j
(A2 - y) A1^T
(A2 - y) @ A1.T
dL/dz2 A1^T
delta2_k A1_j
(A2_k - y_k) max(0, z1_j)
(A2_k - y_k) z1_j I(z1_j >= 0)
(A2_k - y_k) {z1_j if z1_j >= 0, else 0}
""",
    "grad_b2": r"""
sum_i dL/dz2_i dz2_i/db2_k
sum_i dL/dz2_i delta_ik
sum_i (A2_i - y_i) I(i = k)
dL/dz2_k
A2_k - y_k
dL/dz2_k * 1
A2 - y
""",
    "hidden_signal": r"""
sum_k dL/dz2_k dz2_k/dA1_j
Σ_k ∂L/∂z2_k · ∂z2_k/∂A1_j
sum_i dL/dz2_i w2_ij
sum_k (A2_k - y_k) dz2_k/dA1_j
sum_k (A2_k - y_k) d/dA1_j (sum_l w2_kl A1_l + b2_k)
sum_k (A2_k - y_k) sum_l w2_kl delta_lj
sum_k (A2_k - y_k) w2_kj
sum_k w2_kj (A2_k - y_k)
\sum_{k=1}^K (A_{2k} - y_{tk}) w_{2,kj}
sum_k A2_k w2_kj - sum_k y_k w2_kj
w2^T (A2 - y)
w_2^\top (A_2 - y)
w2' (A2 - y)
sum_k A2_k w2_kj - w2_tj
sum_k sum_i dL/dA2_k dA2_k/dz2_i w2_ij
""",
    "relu_gate": r"""
d/dz1_j {z1_j if z1_j >= 0, else 0}
d/dz1_j ReLU(z1_j)
d/dz1_j max(0, z1_j)
{1 if z1_j >= 0, else 0}
I(z1_j >= 0)
[z1_j >= 0]
{1, z1_j >= 0; 0, z1_j < 0}
1 - I(z1_j < 0)
{0 if z1_j < 0, else 1}
\begin{cases} 1 & z_{1j} \ge 0 \\ 0 & z_{1j} < 0 \end{cases}
ReLU'(z1_j)
""",
    "hidden_delta": r"""
dL/dA1_j dA1_j/dz1_j
sum_l dL/dA1_l dA1_l/dz1_j
dL/dA1_j I(z1_j >= 0)
dL/dA1_j * {1 if z1_j >= 0, else 0}
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)
(sum_k (A2_k - y_k) w2_kj) * I(z1_j >= 0)
I(z1_j >= 0) sum_k (A2_k - y_k) w2_kj
{sum_k (A2_k - y_k) w2_kj if z1_j >= 0, else 0}
sum_k dL/dz2_k w2_kj [z1_j >= 0]
(w2^T (A2 - y)) ⊙ I(z1 >= 0)
w2.T (A2 - y) * I(z1 >= 0)
w2.T delta2 * (z1 >= 0)
w2^T (A2 - y) .* I(z1 >= 0)
sum_k dL/dz2_k dz2_k/dz1_j
""",
    "grad_w1": r"""
sum_l dL/dz1_l dz1_l/dw1_jd
dL/dz1_j dz1_j/dw1_jd
dL/dz1_j X_d
sum_k dL/dz2_k dz2_k/dw1_jd
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0) X_d
(sum_k (A2_k - y_k) w2_kj) I(z1_j >= 0) X_d
I(z1_j>=0) X_d sum_k w2_kj (A2_k - y_k)
{X_d sum_k (A2_k - y_k) w2_kj if z1_j >= 0, else 0}
((w2^T (A2 - y)) ⊙ I(z1 >= 0)) X^T
(w2.T delta2 * I(z1 >= 0)) X.T
dL/dz1 X^T
delta1_j X_d
""",
    "grad_b1": r"""
sum_l dL/dz1_l dz1_l/db1_j
sum_l dL/dz1_l delta_lj
dL/dz1_j
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)
{sum_k (A2_k - y_k) w2_kj if z1_j >= 0, else 0}
(w2^T (A2 - y)) ⊙ I(z1 >= 0)
""",
    "batch_output_delta": r"""
d/dz2_in ((1/N) sum_q L_q)
1/N * sum_q dL_q/dz2_in
1/N * dL_n/dz2_in
(1/N) (A2_in - y_in)
(A2_in - y_in)/N
\frac{1}{N} (A_{2,in} - y_{t,in})
(A2 - y)/N
""",
    "batch_grad_w2": r"""
sum_n sum_i dL/dz2_in dz2_in/dw2_kj
sum_n dL/dz2_kn A1_jn
(1/N) sum_n (A2_kn - y_kn) A1_jn
1/N * sum_n (A2_kn - y_kn) A1_jn
sum_n (A2_kn - y_kn) A1_jn / N
\frac{1}{N} \sum_{n=1}^N (A_{2,kn} - y_{t,kn}) A_{1,jn}
(1/N) (A2 - y) A1^T
(A2 - y) A1^T / N
""",
    "batch_grad_b2": r"""
sum_n dL/dz2_kn
(1/N) sum_n (A2_kn - y_kn)
sum_n (A2_kn - y_kn)/N
(1/N) (A2 - y) ones
""",
    "batch_grad_w1": r"""
sum_n dL/dz1_jn X_dn
(1/N) sum_n (sum_k (A2_kn - y_kn) w2_kj) I(z1_jn >= 0) X_dn
(1/N) sum_n sum_k (A2_kn - y_kn) w2_kj I(z1_jn >= 0) X_dn
((1/N) (w2^T (A2 - y)) ⊙ I(z1 >= 0)) X^T
""",
    "batch_hidden_delta": r"""
dL/dA1_jn dA1_jn/dz1_jn
dL/dA1_jn I(z1_jn >= 0)
(1/N) sum_k (A2_kn - y_kn) w2_kj I(z1_jn >= 0)
{(1/N) sum_k (A2_kn - y_kn) w2_kj if z1_jn >= 0, else 0}
""",
}

# Wrong on some network, and some only there: for K = 2, for H = K, with one example, at the kink.
FALSE = {
    "output_delta": r"""
y_i - A2_i
A2_i + y_i
A2_i
-y_i
A2_i y_i
(A2_i - y_i) A2_i
2 A2_i - y_i
A2_i - 2 y_i
A2_i - y_i + 1
-y_i/A2_i
-y_i (1 - A2_i)
-y_i/A2_i * dA2_i/dz2_i
dL/dA2_i dA2_i/dz2_i
sum_k dL/dA2_i dA2_k/dz2_i
-sum_k y_k A2_k (delta_ik - A2_i)
-sum_k y_k (delta_ik - A2_k)
-sum_k y_k (delta_ik + A2_i)
sum_k y_k (delta_ik - A2_i)
-sum_k y_i (delta_ik - A2_k)
-sum_k y_k + A2_i
-sum_k y_k delta_ik - A2_i sum_k y_k
A2_i sum_k y_k - sum_k y_k
A2_i sum_k A2_k - sum_k y_k
-y_i(1 - A2_i) + sum_k y_k A2_i
-y_i(1 - A2_i) + sum_{k != i} y_i A2_k
sum_k {-y_i (1 - A2_i) if i = k, else y_i A2_k}
sum_k {y_k A2_i if i = k, else -y_i (1 - A2_i)}
-y_i (1-A2_i) + y_i (1 - A2_i)
e^z2_i - y_i
e^z2_i/(sum_j e^z2_j)^2 - y_i
e^z2_t/sum_j e^z2_j - y_i
log A2_i - y_i
d/dz2_i (sum_k y_k log A2_k)
d/dz2_i (log sum_j e^z2_j)
A2_i - A2_t
(A2_i - y_i)^2
(A2_i - y_i) (1 - y_i)
A2_i - y_i A2_i
{A2_i - 1 if i != t, else A2_i}
1 - 2 y_i - A2_i + sum_k y_k A2_k - sum_k y_k A2_k
A2_i - sum_k y_k/K
A2_i - 1/K
(1 - y_i)(1 - A2_t) - y_i (1 - A2_i)
""",
    "softmax_jacobian": r"""
A2_k (1 - A2_i)
-A2_k A2_i
A2_k (delta_ik + A2_i)
A2_k delta_ik
A2_k (A2_i - delta_ik)
delta_ik - A2_k A2_i
A2_k - A2_k A2_i
{A2_i (1 - A2_i) if i = k, else A2_k A2_i}
{-A2_k A2_i if i = k, else A2_i (1 - A2_i)}
(delta_ik e^z2_k sum_j e^z2_j - e^z2_k e^z2_i) / sum_j e^z2_j
delta_ik A2_k A2_k - A2_k A2_i
(2 delta_ik - 1) A2_k (1 - A2_k)
""",
    "grad_w2": r"""
(A2_k - y_k) z1_j
(A2_k + y_k) A1_j
(y_k - A2_k) A1_j
A2_k A1_j - y_k
(A2_k - y_k)
dL/dz2_k w2_kj
sum_i (A2_i - y_i) A1_j
sum_j (A2_k - y_k) A1_j
(A2_k - y_k) A1_j I(z1_j < 0)
""",
    "hidden_signal": r"""
sum_k (A2_k + y_k) w2_kj
sum_k A2_k w2_kj
sum_k (A2_k - y_k)
sum_k (y_k - A2_k) w2_kj
-w2_tj
sum_k (A2_k - y_k) w2_kj A1_j
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)
(1/K) sum_k (A2_k - y_k) w2_kj
""",
    "relu_gate": r"""
I(z1_j > 0)
I(z1_j < 0)
z1_j
1
{1 if z1_j > 0, else 0}
I(-z1_j >= 0)
{z1_j if z1_j >= 0, else 0}
1 - I(z1_j >= 0)
""",
    "hidden_delta": r"""
sum_k (A2_k - y_k) w2_kj
sum_k (A2_k - y_k) w2_kj I(z1_j > 0)
sum_k (A2_k - y_k) w2_kj I(A1_j >= 0)
sum_k (A2_k - y_k) w2_kj I(z1_j < 0)
sum_k (A2_k - y_k) w2_kj A1_j
dL/dA1_j z1_j
sum_k (A2_k - y_k) I(z1_j >= 0)
{sum_k (A2_k - y_k) w2_kj if z1_j > 0, else 0}
""",
    "grad_w1": r"""
dL/dz1_j
dL/dA1_j X_d
sum_k (A2_k - y_k) w2_kj X_d
sum_k (A2_k - y_k) w2_kj I(z1_j > 0) X_d
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)
sum_k (A2_k - y_k) w2_kj I(z1_j >= 0) w1_jd
sum_k (y_k - A2_k) w2_kj I(z1_j >= 0) X_d
""",
    "grad_b1": r"""
dL/dA1_j
sum_k (A2_k - y_k) w2_kj
sum_k (A2_k - y_k) I(z1_j >= 0)
b1_j dL/dz1_j
""",
    "batch_output_delta": r"""
A2_in - y_in
(A2_in - y_in)/N^2
(A2_in - y_in)/K
sum_q (A2_iq - y_iq)/N
(y_in - A2_in)/N
dL_n/dz2_in
""",
    "batch_grad_w2": r"""
sum_n (A2_kn - y_kn) A1_jn
(1/N) sum_n (A2_kn - y_kn) sum_q A1_jq
(1/K) sum_n (A2_kn - y_kn) A1_jn
(1/N) sum_n sum_q (A2_kn - y_kn) A1_jq
(A2 - y) A1^T
(1/N^2) sum_n (A2_kn - y_kn) A1_jn
""",
    "batch_grad_b2": r"""
sum_n (A2_kn - y_kn)
(1/N) sum_n A2_kn
(1/K) sum_n (A2_kn - y_kn)
""",
    "batch_grad_w1": r"""
(1/N) sum_n sum_k (A2_kn - y_kn) w2_kj X_dn
sum_n sum_k (A2_kn - y_kn) w2_kj I(z1_jn >= 0) X_dn
(1/N) sum_n sum_k (A2_kn - y_kn) w2_kj I(z1_jn > 0) X_dn
(1/N) sum_n sum_q sum_k (A2_kn - y_kn) w2_kj I(z1_jn >= 0) X_dq
""",
}

# They mean nothing, or not on every network: they are never proven, and said by a rule.
MEANINGLESS = {
    "output_delta": r"""
sum[k=0..K] y_k A2_i - y_i
sum[j=1..H] z2_j
A2_i y_i/y_i - y_i
(A2_i - y_i) w2_ij
A2_j - y_j
A2_i A1_i
(A2_i - y_i)/N
A2_in - y_in
A2_i - y_t
A2_k - y_k
A2_ki - y_i
{A2_i if i = k, y_i if i = k}
A2_i + log y_i - log y_i
sum[i=1..N] y_i
e^(log(0)) + A2_i - y_i
""",
    "grad_w2": r"""
(A2_i - y_i) A1_i
(A2_k - y_k) w2_jk
(A2_j - y_j) A1_k
(A2_k - y_k) A1^T
(A2 - y) A1
A1 (A2 - y)^T
""",
    "hidden_signal": r"""
sum_k (A2_k - y_k) w1_kj
sum_k (A2_k - y_k) w2_jk
w2 (A2 - y)
w1^T (A2 - y)
sum_j (A2_j - y_j) w2_jj
""",
    "hidden_delta": r"""
w2^T (A2 - y) I(z1 >= 0)
sum_k (A2_k - y_k) w2_kj I(z1 >= 0)
""",
    "batch_grad_w2": r"""
(1/N) sum_n (A2_k - y_k) A1_j
(1/N) sum_n (A2_kn - delta_kt) A1_jn
(1/N) sum_n (A2_nk - y_nk) A1_nj
""",
}


def lines(text: str) -> list[str]:
    """The lines of a text, without empty ones."""
    return [line for line in text.splitlines() if line.strip()]
