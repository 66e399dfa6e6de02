(* The answer to the handout's question (H06), in one statement: for the network as defined, away from the kink, what
   mlpcourse's network.backward computes are the four gradients of the loss. *)
Require Import Tactic.
Open Scope R_scope.

(* --- network.backward, function by function, entry by entry ------------------------------------- *)

Section Backward.
Variables (D H K N : nat) (X w1 : nat -> nat -> R) (b1 : nat -> R) (w2 : nat -> nat -> R) (b2 : nat -> R).
Variable y : nat -> nat -> R.

(* forward *)
Definition z1 := affines D w1 b1 X.
Definition A1 := relus z1.
Definition z2 := affines H w2 b2 A1.
Definition A2 := softmaxes K z2.
(* output_delta: (A2 - y) / N *)
Definition delta2 k n := (A2 k n - y k n) / INR N.
(* hidden_signal: w2^T delta2 *)
Definition dA1 j n := sum K (fun k => w2 k j * delta2 k n).
(* relu_gate: 1 where z1 >= 0, else 0; the 1 at z1 = 0 is the handout's choice *)
Definition gate j n := if_open (z1 j n) 1 0.
(* hidden_delta *)
Definition delta1 j n := dA1 j n * gate j n.
(* delta1 X^T, delta1 summed over the examples, delta2 A1^T, delta2 summed over the examples *)
Definition grad_w1 j d := sum N (fun n => delta1 j n * X d n).
Definition grad_b1 j := sum N (fun n => delta1 j n).
Definition grad_w2 k j := sum N (fun n => delta2 k n * A1 j n).
Definition grad_b2 k := sum N (fun n => delta2 k n).
End Backward.

(* --- the loss as a function of the parameters, H01 to H05 --------------------------------------- *)

Definition loss D H K N X y w1 b1 w2 b2 : R :=
  mean N (cross_entropies K y (softmaxes K (affines H w2 b2 (relus (affines D w1 b1 X))))).

Ltac gradient := intros; autounfold with names in *; unfold affines, relus, softmaxes, cross_entropies, column in *;
  eapply d_eq; [differentiate | cbv beta; rewrite ?put_same, ?put2_same; equal].

(* Every derivative is along one entry, all others held; [is_derive] says that it exists, and what it is. *)
Theorem backward_computes_the_gradients :
  forall (D H K N : nat) (X w1 : nat -> nat -> R) (b1 : nat -> R) (w2 : nat -> nat -> R) (b2 : nat -> R)
         (y : nat -> nat -> R) (t : nat -> nat),
  (0 < N)%nat ->
  (forall n, within n N -> one_hot K (column y n) (t n)) ->
  (forall j n, within j H -> within n N -> z1 D X w1 b1 j n <> 0) ->
  (forall j d, within j H -> within d D ->
     is_derive (fun s => loss D H K N X y (put2 w1 j d s) b1 w2 b2) (w1 j d) (grad_w1 D H K N X w1 b1 w2 b2 y j d)) /\
  (forall j, within j H ->
     is_derive (fun s => loss D H K N X y w1 (put b1 j s) w2 b2) (b1 j) (grad_b1 D H K N X w1 b1 w2 b2 y j)) /\
  (forall k j, within k K -> within j H ->
     is_derive (fun s => loss D H K N X y w1 b1 (put2 w2 k j s) b2) (w2 k j) (grad_w2 D H K N X w1 b1 w2 b2 y k j)) /\
  (forall k, within k K ->
     is_derive (fun s => loss D H K N X y w1 b1 w2 (put b2 k s)) (b2 k) (grad_b2 D H K N X w1 b1 w2 b2 y k)).
Proof.
  intros D H K N X w1 b1 w2 b2 y t examples label no_kink.
  unfold loss, grad_w1, grad_b1, grad_w2, grad_b2, delta1, gate, dA1, delta2, A2, z2, A1, z1 in *.
  split; [|split; [|split]]; gradient.
Qed.

(* --- the kink ----------------------------------------------------------------------------------- *)

(* At 0 ReLU has no derivative at all: no line is certified there, and a value in its place can only be chosen. *)
Theorem no_derivative_at_the_kink : ~ ex_derive (fun s => if_open s s 0) 0.
Proof.
  intros [l E]. apply is_derive_Reals in E. destruct (E (/ 2)) as [e B]; [lra|]. pose proof (cond_pos e).
  assert (P : Rabs ((if_open (0 + e / 2) (0 + e / 2) 0 - if_open 0 0 0) / (e / 2) - l) < / 2) by
    (apply B; [lra | rewrite Rabs_pos_eq; lra]).
  assert (M : Rabs ((if_open (0 + - (e / 2)) (0 + - (e / 2)) 0 - if_open 0 0 0) / (- (e / 2)) - l) < / 2) by
    (apply B; [lra | rewrite Rabs_Ropp, Rabs_pos_eq; lra]).
  unfold if_open in P, M.
  destruct (Rle_dec 0 (0 + e / 2)), (Rle_dec 0 0), (Rle_dec 0 (0 + - (e / 2))); try lra.
  replace ((0 + e / 2 - 0) / (e / 2) - l) with (1 - l) in P by (field; lra).
  replace ((0 - 0) / (- (e / 2)) - l) with (- l) in M by (field; lra).
  apply Rabs_def2 in P; apply Rabs_def2 in M; lra.
Qed.

Definition end_to_end := (backward_computes_the_gradients, no_derivative_at_the_kink).
Print Assumptions end_to_end.
