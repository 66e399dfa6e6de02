(* Finite sums over 1..n of real numbers, deltas, cases, and arrays with one entry changed.
   Coq's Reals and Coquelicot's derivatives, and nothing else, stand below this file. *)
From Coq Require Export Reals Lra Lia Arith FunctionalExtensionality.
From Coquelicot Require Export Coquelicot.
Open Scope R_scope.

(* --- the definitions that a statement is made of ------------------------------------------------ *)

(* the index i lies in 1..n *)
Definition within (i n : nat) : Prop := (1 <= i <= n)%nat.
(* f 1 + ... + f n *)
Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f (S m) end.
(* 1 if i = k, else 0 *)
Definition delta (i k : nat) : R := if Nat.eqb i k then 1 else 0.
(* a if i = k, else b *)
Definition if_same (i k : nat) (a b : R) : R := if Nat.eqb i k then a else b.
(* a if x >= 0, else b *)
Definition if_open (x a b : R) : R := if Rle_dec 0 x then a else b.
(* the array with s in place of entry i, or of entry (i, j) *)
Definition put (z : nat -> R) (i : nat) (s : R) : nat -> R := fun k => if Nat.eqb k i then s else z k.
Definition put2 (w : nat -> nat -> R) (i j : nat) (s : R) : nat -> nat -> R :=
  fun k l => if (Nat.eqb k i && Nat.eqb l j)%bool then s else w k l.

(* --- sums --------------------------------------------------------------------------------------- *)

Lemma sum_ext n f g : (forall k, within k n -> f k = g k) -> sum n f = sum n g.
Proof. unfold within; induction n; simpl; intros E; [easy|]. rewrite IHn, E; auto; intros; try apply E; lia. Qed.
Lemma sum_plus n f g : sum n (fun k => f k + g k) = sum n f + sum n g.
Proof. induction n; simpl; [ring|rewrite IHn; ring]. Qed.
Lemma sum_l n c f : sum n (fun k => c * f k) = c * sum n f.
Proof. induction n; simpl; [ring|rewrite IHn; ring]. Qed.
Lemma sum_0 n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; [ring|rewrite IHn; ring]. Qed.
Lemma sum_swap n m f : sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof. induction n; simpl; [now rewrite sum_0|]. now rewrite IHn, <- sum_plus. Qed.
Lemma sum_pos n f : (0 < n)%nat -> (forall k, 0 < f k) -> 0 < sum n f.
Proof.
  intros Hn Hf. destruct n; [lia|]. simpl.
  assert (0 <= sum n f) by (clear Hn; induction n; simpl; [lra|specialize (Hf (S n)); lra]).
  specialize (Hf (S n)); lra.
Qed.
Lemma delta_sym i k : delta i k = delta k i.
Proof. unfold delta; now rewrite Nat.eqb_sym. Qed.
Lemma delta_same i : delta i i = 1.
Proof. unfold delta; now rewrite Nat.eqb_refl. Qed.
Lemma sum_delta n f i : within i n -> sum n (fun k => delta i k * f k) = f i.
Proof.
  unfold within, delta; induction n; simpl; intros E; [lia|].
  destruct (Nat.eqb_spec i (S n)) as [->|].
  - rewrite (sum_ext n _ (fun _ => 0)), sum_0; [ring|].
    intros k [_ Hk]; destruct (Nat.eqb_spec (S n) k); [lia|ring].
  - rewrite IHn by lia; ring.
Qed.
Lemma within_pos i n : within i n -> (0 < n)%nat.
Proof. unfold within; lia. Qed.

(* --- cases and arrays --------------------------------------------------------------------------- *)

Lemma if_same_delta i k a b : if_same i k a b = delta i k * a + (1 - delta i k) * b.
Proof. unfold if_same, delta; destruct (Nat.eqb i k); ring. Qed.
Lemma if_open_gate x a b : if_open x a b = if_open x 1 0 * a + (1 - if_open x 1 0) * b.
Proof. unfold if_open; destruct (Rle_dec 0 x); ring. Qed.
Lemma put_same z i : put z i (z i) = z.
Proof. extensionality k; unfold put; destruct (Nat.eqb_spec k i); congruence. Qed.
Lemma put2_same w i j : put2 w i j (w i j) = w.
Proof.
  extensionality k; extensionality l; unfold put2.
  destruct (Nat.eqb_spec k i), (Nat.eqb_spec l j); simpl; congruence.
Qed.
