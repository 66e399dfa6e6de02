(* The network (H01 to H05), for one example and for a batch. *)
Require Export Sums.
Open Scope R_scope.

(* z = w a + b, n inputs (H01, H03) *)
Definition affine (n : nat) (w : nat -> nat -> R) (b a : nat -> R) (k : nat) : R :=
  sum n (fun l => w k l * a l) + b k.
(* A = z where z >= 0, else 0 (H02) *)
Definition relu (z : nat -> R) (j : nat) : R := if_open (z j) (z j) 0.
(* the share of e^z_k in the sum of all (H04) *)
Definition softmax (K : nat) (z : nat -> R) (k : nat) : R := exp (z k) / sum K (fun j => exp (z j)).
(* - sum y log A (H05) *)
Definition cross_entropy (K : nat) (y A : nat -> R) : R := - sum K (fun m => y m * ln (A m)).
(* the label is 1 at the true class t and 0 elsewhere (H20) *)
Definition one_hot (K : nat) (y : nat -> R) (t : nat) : Prop :=
  within t K /\ forall k, within k K -> y k = delta t k.

(* a batch: column n of every array is example n; the loss is the mean over the N examples *)
Definition column (M : nat -> nat -> R) (n : nat) : nat -> R := fun i => M i n.
Definition affines n w b M k q := affine n w b (column M q) k.
Definition relus M j q := relu (column M q) j.
Definition softmaxes K M k q := softmax K (column M q) k.
Definition cross_entropies K Y M q := cross_entropy K (column Y q) (column M q).
Definition mean (N : nat) (L : nat -> R) : R := sum N L / INR N.

(* --- what these are not: zero ------------------------------------------------------------------- *)

Lemma total_pos K z : (0 < K)%nat -> 0 < sum K (fun j => exp (z j)).
Proof. intros; apply sum_pos; auto using exp_pos. Qed.
Lemma softmax_pos K z k : (0 < K)%nat -> 0 < softmax K z k.
Proof. intros; apply Rdiv_lt_0_compat; auto using exp_pos, total_pos. Qed.
Lemma labels_make_1 K y t : one_hot K y t -> sum K y = 1.
Proof.
  intros [T E]. rewrite (sum_ext K y (fun k => delta t k * 1)) by (intros k Hk; rewrite E by easy; ring).
  exact (sum_delta K (fun _ => 1) t T).
Qed.

(* --- one fact for each kind of derivative ------------------------------------------------------- *)

Lemma d_eq (f : R -> R) (x a b : R) : is_derive f x a -> @eq R a b -> is_derive f x b.
Proof. now intros E <-. Qed.
Ltac plain := match goal with |- @eq _ ?a ?b => change (@eq R a b) end; unfold scal, opp, plus, mult, minus, one, zero; simpl.

Lemma d_const (c x : R) : is_derive (fun _ => c) x 0.
Proof. apply (is_derive_const (V := R_NormedModule)). Qed.
Lemma d_id (x : R) : is_derive (fun s => s) x 1.
Proof. apply (is_derive_id (K := R_AbsRing)). Qed.
Lemma d_plus (f g : R -> R) (x a b : R) : is_derive f x a -> is_derive g x b -> is_derive (fun s => f s + g s) x (a + b).
Proof. apply (is_derive_plus (K := R_AbsRing) (V := R_NormedModule)). Qed.
Lemma d_plus_l c g x b : is_derive g x b -> is_derive (fun s => c + g s) x b.
Proof. intros; eapply d_eq; [apply d_plus; [apply d_const|eassumption]|plain; ring]. Qed.
Lemma d_plus_r f c x a : is_derive f x a -> is_derive (fun s => f s + c) x a.
Proof. intros; eapply d_eq; [apply d_plus; [eassumption|apply d_const]|plain; ring]. Qed.
Lemma d_mult (f g : R -> R) (x a b : R) : is_derive f x a -> is_derive g x b -> is_derive (fun s => f s * g s) x (a * g x + f x * b).
Proof. intros A B; apply (is_derive_mult f g x a b A B); intros; apply Rmult_comm. Qed.
Lemma d_mult_l c g x b : is_derive g x b -> is_derive (fun s => c * g s) x (c * b).
Proof. intros; eapply d_eq; [apply d_mult; [apply d_const|eassumption]|plain; ring]. Qed.
Lemma d_mult_r f c x a : is_derive f x a -> is_derive (fun s => f s * c) x (a * c).
Proof. intros; eapply d_eq; [apply d_mult; [eassumption|apply d_const]|plain; ring]. Qed.
Lemma d_opp f x a : is_derive f x a -> is_derive (fun s => - f s) x (- a).
Proof. apply (is_derive_opp (K := R_AbsRing) (V := R_NormedModule)). Qed.
Lemma d_inv f x a : is_derive f x a -> f x <> 0 -> is_derive (fun s => / f s) x (- a * / f x * / f x).
Proof. intros; eapply d_eq; [now apply is_derive_inv; [eassumption|]|plain; field; easy]. Qed.
Lemma d_div f g x a b : is_derive f x a -> is_derive g x b -> g x <> 0 ->
  is_derive (fun s => f s / g s) x (a * / g x - f x * (b * / g x * / g x)).
Proof. intros; eapply d_eq; [apply d_mult; [eassumption|apply d_inv; eassumption]|cbv beta; plain; ring]. Qed.
Lemma d_exp f x a : is_derive f x a -> is_derive (fun s => exp (f s)) x (a * exp (f x)).
Proof. intros; apply (is_derive_comp exp f); [apply is_derive_exp|easy]. Qed.
Lemma d_ln f x a : is_derive f x a -> 0 < f x -> is_derive (fun s => ln (f s)) x (a * / f x).
Proof. intros; apply (is_derive_comp ln f); [now apply is_derive_ln|easy]. Qed.
Lemma d_sum n (f : R -> nat -> R) df x :
  (forall k, within k n -> is_derive (fun s => f s k) x (df k)) -> is_derive (fun s => sum n (f s)) x (sum n df).
Proof.
  unfold within; induction n; simpl; intros E; [apply d_const|].
  apply (d_plus (fun s => sum n (f s)) (fun s => f s (S n))); [apply IHn; intros; apply E|apply E]; lia.
Qed.
(* an entry of an array, one entry of which moves *)
Lemma d_put z i k x : is_derive (fun s => put z i s k) x (delta i k).
Proof. unfold put, delta; rewrite Nat.eqb_sym; destruct (Nat.eqb i k); [apply d_id|apply d_const]. Qed.
Lemma d_put2 w i j k l x : is_derive (fun s => put2 w i j s k l) x (delta i k * delta j l).
Proof.
  unfold put2, delta; rewrite (Nat.eqb_sym i), (Nat.eqb_sym j).
  destruct (Nat.eqb k i), (Nat.eqb l j); simpl; rewrite ?Rmult_0_l, ?Rmult_0_r, ?Rmult_1_l;
    lazymatch goal with |- is_derive _ _ 1 => apply d_id | _ => apply d_const end.
Qed.
(* a case on the sign, away from the kink *)
Lemma d_if_open g f h x dg a b : is_derive g x dg -> g x <> 0 -> is_derive f x a -> is_derive h x b ->
  is_derive (fun s => if_open (g s) (f s) (h s)) x (if_open (g x) a b).
Proof.
  intros G Z F E. assert (C : continuous g x) by (apply (ex_derive_continuous (K := R_AbsRing)); now exists dg).
  unfold if_open at 2. destruct (Rle_dec 0 (g x)) as [P|P].
  - apply (is_derive_ext_loc f); [|easy]. assert (L : locally (g x) (fun u => 0 < u)) by (apply open_gt; lra).
    specialize (C _ L). unfold filtermap in C. revert C. apply filter_imp. intros s Hs. unfold if_open.
    destruct (Rle_dec 0 (g s)); [easy|lra].
  - apply (is_derive_ext_loc h); [|easy]. assert (L : locally (g x) (fun u => u < 0)) by (apply open_lt; lra).
    specialize (C _ L). unfold filtermap in C. revert C. apply filter_imp. intros s Hs. unfold if_open.
    destruct (Rle_dec 0 (g s)); [lra|easy].
Qed.
(* softmax, and the loss of a softmax, along logits that move by dz *)
Lemma d_softmax K Z dz x k : (0 < K)%nat -> within k K -> (forall k, within k K -> is_derive (fun s => Z s k) x (dz k)) ->
  is_derive (fun s => softmax K (Z s) k) x (softmax K (Z x) k * (dz k - sum K (fun j => softmax K (Z x) j * dz j))).
Proof.
  intros P Hk E. pose proof (total_pos K (Z x) P) as T.
  eapply d_eq.
  - apply d_div; [apply d_exp, E, Hk|apply d_sum; intros; apply d_exp, E; assumption|lra].
  - cbv beta. set (S := sum K (fun j => exp (Z x j))) in *.
    rewrite (sum_ext K (fun j => softmax K (Z x) j * dz j) (fun j => / S * (dz j * exp (Z x j)))) by
      (intros; unfold softmax; fold S; unfold Rdiv; ring).
    rewrite sum_l. unfold softmax; fold S. field. lra.
Qed.
Lemma d_loss K y t Z dz x : one_hot K y t -> (forall k, within k K -> is_derive (fun s => Z s k) x (dz k)) ->
  is_derive (fun s => cross_entropy K y (softmax K (Z s))) x (sum K (fun k => (softmax K (Z x) k - y k) * dz k)).
Proof.
  intros Y E. pose proof (within_pos t K (proj1 Y)) as P. eapply d_eq.
  - apply d_opp, d_sum. intros m Hm. apply d_mult_l, d_ln; [now apply (d_softmax K Z dz)|now apply softmax_pos].
  - cbv beta. set (S := sum K (fun j => softmax K (Z x) j * dz j)).
    rewrite (sum_ext K _ (fun m => y m * dz m + - S * y m)) by
      (intros m Hm; pose proof (softmax_pos K (Z x) m P); plain; field; lra).
    rewrite (sum_ext K (fun k => _ * dz k) (fun m => softmax K (Z x) m * dz m + (-1) * (y m * dz m))) by (intros; ring).
    rewrite !sum_plus, !sum_l, (labels_make_1 K y t Y). fold S. ring.
Qed.
