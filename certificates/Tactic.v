(* One tactic, [line], that closes the lines: it can only find a proof or fail, since Coq's kernel checks what it finds.
   Every derivative is replaced by what the facts of Network.v give; both sides are brought to one normal form (sums of
   products, deltas contracted, what does not depend on an index taken out of its sum); what is left is field's. *)
Require Export Network.
Open Scope R_scope.
Create HintDb names.
#[global] Opaque exp ln Rinv. (* so that no unification looks into them *)

(* --- what is positive, what is not zero --------------------------------------------------------- *)

Lemma pos_not_0 x : 0 < x -> x <> 0. Proof. lra. Qed.
Ltac holds := assumption || (eapply within_pos; eassumption) || (eapply within_pos; eapply proj1; eassumption)
  || (eapply within_pos, proj1; match goal with E : forall n, within n _ -> one_hot _ _ _ |- _ => apply E; eassumption end).
Ltac positive := lazymatch goal with
  | |- 0 < exp _ => apply exp_pos
  | |- 0 < sum _ (fun j => exp _) => apply total_pos; holds
  | |- 0 < softmax _ _ _ => apply softmax_pos; holds
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; positive
  | |- 0 < / _ => apply Rinv_0_lt_compat; positive
  | |- 0 < _ / _ => apply Rdiv_lt_0_compat; positive
  | |- 0 < INR _ => apply lt_0_INR; holds
  | |- 0 < _ ^ _ => apply pow_lt; positive
  end.
Ltac not_zero := rewrite ?put_same, ?put2_same; lazymatch goal with
  | |- _ /\ _ => split; not_zero
  | |- _ => match goal with E : forall j, _ -> _ <> 0 |- _ => apply E; assumption
              | E : forall j n, _ -> _ -> _ <> 0 |- _ => apply E; assumption end
            || (apply pos_not_0; positive) end.

(* --- derivatives -------------------------------------------------------------------------------- *)

Lemma d_affine n (w : R -> nat -> nat -> R) b a k x d :
  is_derive (fun s => sum n (fun l => w s k l * a s l) + b s k) x d -> is_derive (fun s => affine n (w s) (b s) (a s) k) x d.
Proof. easy. Qed.
Lemma d_relu (Z : R -> nat -> R) j x d :
  is_derive (fun s => if_open (Z s j) (Z s j) 0) x d -> is_derive (fun s => relu (Z s) j) x d.
Proof. easy. Qed.
Lemma d_cross_entropy K (y : nat -> R) (A : R -> nat -> R) x d :
  is_derive (fun s => - sum K (fun m => y m * ln (A s m))) x d -> is_derive (fun s => cross_entropy K y (A s)) x d.
Proof. easy. Qed.
Lemma d_mean N (L : R -> nat -> R) x d :
  is_derive (fun s => sum N (L s) * / INR N) x d -> is_derive (fun s => mean N (L s)) x d.
Proof. easy. Qed.
Lemma d_minus_is (f g : R -> R) x d : is_derive (fun s => f s + - g s) x d -> is_derive (fun s => f s - g s) x d.
Proof. easy. Qed.
Lemma d_div_is (f g : R -> R) x d : is_derive (fun s => f s * / g s) x d -> is_derive (fun s => f s / g s) x d.
Proof. easy. Qed.

Lemma derive_is (f : R -> R) (x d : R) : is_derive f x d -> Derive f x = d.
Proof. apply is_derive_unique. Qed.
Lemma exists_by (f : R -> R) (x d : R) : is_derive f x d -> ex_derive f x.
Proof. now exists d. Qed.
Ltac a_label := first [eassumption | match goal with E : forall n, _ -> one_hot _ _ _ |- _ => apply E; assumption end].
Ltac differentiate := cbv beta; lazymatch goal with
  | |- is_derive (fun _ => ?c) _ _ => apply d_const
  | |- is_derive (fun s => s) _ _ => apply d_id
  | |- is_derive (fun s => put ?z ?i s ?k) _ _ => apply d_put
  | |- is_derive (fun s => put2 ?w ?i ?j s ?k ?l) _ _ => apply d_put2
  | |- is_derive (fun s => @?f s + @?g s) _ _ => lazymatch f with
      | fun _ => ?c => apply (d_plus_l c g) | _ => lazymatch g with
      | fun _ => ?c => apply (d_plus_r f c) | _ => apply (d_plus f g) end end; differentiate
  | |- is_derive (fun s => @?f s - @?g s) _ _ => apply (d_minus_is f g); differentiate
  | |- is_derive (fun s => @?f s * @?g s) _ _ => lazymatch f with
      | fun _ => ?c => apply (d_mult_l c g) | _ => lazymatch g with
      | fun _ => ?c => apply (d_mult_r f c) | _ => apply (d_mult f g) end end; differentiate
  | |- is_derive (fun s => @?f s / @?g s) _ _ => apply (d_div_is f g); differentiate
  | |- is_derive (fun s => - @?f s) _ _ => apply (d_opp f); differentiate
  | |- is_derive (fun s => / @?f s) _ _ => apply (d_inv f); [differentiate | cbv beta; not_zero]
  | |- is_derive (fun s => exp (@?f s)) _ _ => apply (d_exp f); differentiate
  | |- is_derive (fun s => ln (@?f s)) _ _ => apply (d_ln f); [differentiate | cbv beta; rewrite ?put_same, ?put2_same; positive]
  | |- is_derive (fun s => if_open (@?g s) (@?f s) (@?h s)) _ _ =>
      eapply (d_if_open g f h); [differentiate | cbv beta; not_zero | differentiate | differentiate]
  | |- is_derive (fun s => sum ?n (@?f s)) _ _ => eapply (d_sum n f); intros ? ?; differentiate
  | |- is_derive (fun s => affine ?n (@?w s) (@?b s) (@?a s) ?k) _ _ => apply (d_affine n w b a k); differentiate
  | |- is_derive (fun s => relu (@?z s) ?j) _ _ => apply (d_relu z j); differentiate
  | |- is_derive (fun s => softmax ?K (@?z s) ?k) _ _ =>
      eapply (d_softmax K z); [holds | assumption | intros ? ?; differentiate]
  | |- is_derive (fun s => cross_entropy ?K ?y (softmax ?K (@?z s))) _ _ =>
      eapply (d_loss K y _ z); [a_label | intros ? ?; differentiate]
  | |- is_derive (fun s => cross_entropy ?K ?y (fun m => softmax ?K (@?z s) m)) _ _ =>
      eapply (d_loss K y _ z); [a_label | intros ? ?; differentiate]
  | |- is_derive (fun s => cross_entropy ?K ?y (@?a s)) _ _ => apply (d_cross_entropy K y a); differentiate
  | |- is_derive (fun s => mean ?N (@?l s)) _ _ => apply (d_mean N l); differentiate
  end.

(* --- the normal form: each tactic solves a goal [e = ?x] ---------------------------------------- *)

Lemma n_plus a b a' b' : a = a' -> b = b' -> a + b = a' + b'. Proof. now intros -> ->. Qed.
Lemma n_mult a b a' b' : a = a' -> b = b' -> a * b = a' * b'. Proof. now intros -> ->. Qed.
Lemma n_opp a a' : a = a' -> - a = -1 * a'. Proof. intros ->; ring. Qed.
Lemma n_minus a b a' : a + -1 * b = a' -> a - b = a'. Proof. intros <-; ring. Qed.
Lemma n_div a b a' : a * / b = a' -> a / b = a'. Proof. easy. Qed.
Lemma n_inv a a' : a = a' -> / a = / a'. Proof. now intros ->. Qed.
Lemma n_ln a a' : a = a' -> ln a = ln a'. Proof. now intros ->. Qed.
Lemma n_square a a' : a * a = a' -> a ^ 2 = a'. Proof. intros <-; ring. Qed.
Lemma exp_minus a b : exp (a - b) = exp a * exp (- b). Proof. apply exp_plus. Qed.
Lemma ln_inv a : 0 < a -> ln (/ a) = -1 * ln a. Proof. intros; rewrite ln_Rinv; auto; ring. Qed.
Lemma n_same i k a b x : delta i k * a + (1 - delta i k) * b = x -> if_same i k a b = x.
Proof. intros <-; apply if_same_delta. Qed.
Lemma n_open c a b x : if_open c 1 0 * a + (1 - if_open c 1 0) * b = x -> if_open c a b = x.
Proof. intros <-; apply if_open_gate. Qed.
Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof. induction n; simpl sum; [simpl; ring|rewrite IHn, S_INR; ring]. Qed.

Ltac smart_plus := lazymatch goal with
  | |- 0 + _ = _ => apply Rplus_0_l
  | |- _ + 0 = _ => apply Rplus_0_r
  | |- _ => reflexivity end.
Ltac smart_mult := lazymatch goal with
  | |- 0 * _ = _ => apply Rmult_0_l
  | |- _ * 0 = _ => apply Rmult_0_r
  | |- 1 * _ = _ => apply Rmult_1_l
  | |- _ * 1 = _ => apply Rmult_1_r
  | |- (_ + _) * _ = _ => eapply eq_trans; [apply Rmult_plus_distr_r|];
      eapply eq_trans; [apply n_plus; smart_mult | smart_plus]
  | |- _ * (_ + _) = _ => eapply eq_trans; [apply Rmult_plus_distr_l|];
      eapply eq_trans; [apply n_plus; smart_mult | smart_plus]
  | |- _ => reflexivity end.
Ltac smart_inv := lazymatch goal with
  | |- / 1 = _ => apply Rinv_1
  | |- / / _ = _ => apply Rinv_inv
  | |- / (_ * _) = _ => eapply eq_trans; [apply Rinv_mult|]; eapply eq_trans; [apply n_mult; smart_inv | smart_mult]
  | |- _ => reflexivity end.
Ltac smart_ln := lazymatch goal with
  | |- ln (exp _) = _ => apply ln_exp
  | |- ln (/ _) = _ => eapply eq_trans; [apply ln_inv; positive|]; eapply eq_trans; [apply n_mult; [reflexivity|smart_ln]|smart_mult]
  | |- ln (_ * _) = _ => eapply eq_trans; [apply ln_mult; positive|]; eapply eq_trans; [apply n_plus; smart_ln|smart_plus]
  | |- _ => reflexivity end.

(* the factors of a product that do not depend on k, and those that do *)
Ltac times a b := lazymatch a with 1 => b | _ => lazymatch b with 1 => a | _ => constr:(a * b) end end.
Ltac without k m := lazymatch m with
  | context [k] => lazymatch m with ?a * ?b => let a' := without k a in let b' := without k b in times a' b' | _ => constr:(1) end
  | _ => m end.
Ltac with_ k m := lazymatch m with
  | context [k] => lazymatch m with ?a * ?b => let a' := with_ k a in let b' := with_ k b in times a' b' | _ => m end
  | _ => constr:(1) end.
(* the product without its factor f; fails where f is none *)
Ltac less f m := lazymatch m with
  | f => constr:(1)
  | ?a * ?b => match constr:(0) with
      | _ => let a' := less f a in times a' b
      | _ => let b' := less f b in times a b' end end.
Ltac cancelled m := match m with
  | context [/ ?x] => let m' := less (/ x) m in let m'' := less x m' in cancelled m''
  | _ => m end.
(* a factor of the product: a delta of k and an index of the same range, or a sum *)
Ltac delta_of k n m := match m with
  | context [delta k ?i] => lazymatch goal with _ : within i n |- _ => constr:((delta k i, i)) end
  | context [delta ?i k] => lazymatch goal with _ : within i n |- _ => constr:((delta i k, i)) end end.
Ltac inner_sum m := lazymatch m with
  | sum _ _ => m
  | ?a * ?b => match constr:(0) with _ => inner_sum a | _ => inner_sum b end end.

(* k's summand as c * p, c free of k, and p led by a delta or gathered in an inner sum if there is one *)
Ltac arrange k n := lazymatch goal with |- ?m = _ =>
  let m := cancelled m in let c := without k m in let p := with_ k m in
  first
  [ let found := delta_of k n p in lazymatch found with (?d, ?i) =>
      let q := less d p in
      transitivity (c * (delta i k * q)); [try rewrite (delta_sym k i); first [ring | field; not_zero] | reflexivity] end
  | let s := inner_sum p in let q := less s p in lazymatch q with 1 => fail | _ => idtac end;
    lazymatch s with sum ?l ?g =>
      transitivity (c * sum l (fun j => q * g j)); [rewrite sum_l; first [ring | field; not_zero] | cbv beta; reflexivity] end
  | transitivity (c * p); [first [lazymatch p with m => lazymatch c with 1 => apply eq_sym, Rmult_1_l end end | ring | field; not_zero] | reflexivity] ] end.

Ltac label := lazymatch goal with
  | |- sum _ ?y = _ => is_var y; eapply labels_make_1; eassumption
  | |- sum _ (fun k => ?y k) = _ => is_var y; eapply labels_make_1; eassumption
  | |- sum _ (fun k => ?y k ?n) = _ => is_var y; eapply labels_make_1;
      match goal with E : forall n, _ -> one_hot _ _ _ |- _ => apply (E n); assumption end end.
Ltac smart_sum := lazymatch goal with
  | |- sum _ (fun _ => 0) = _ => apply sum_0
  | |- sum _ (fun _ => 1) = _ => apply sum_const
  | |- sum ?n (fun k => @?a k + @?b k) = _ =>
      eapply eq_trans; [apply (sum_plus n a b)|]; cbv beta; eapply eq_trans; [apply n_plus; smart_sum | smart_plus]
  | |- sum ?n _ = _ =>
      eapply eq_trans; [eapply sum_ext; let k := fresh "k" in intros k ?; cbv beta; arrange k n |]; cbv beta;
      eapply eq_trans; [apply sum_l |];
      lazymatch goal with
      | |- _ * sum _ (fun k => delta ?i k * @?p k) = _ =>
          eapply eq_trans; [eapply n_mult; [reflexivity | apply (sum_delta n p i); assumption] |]; cbv beta;
          normal
      | |- _ => eapply eq_trans; [eapply n_mult; [reflexivity | first [label | reflexivity]] |]; smart_mult
      end
  end
with normal := lazymatch goal with
  | |- Derive _ _ = _ => eapply eq_trans; [apply derive_is; differentiate |]; cbv beta;
      rewrite ?put_same, ?put2_same; normal
  | |- _ + _ = _ => eapply eq_trans; [apply n_plus; normal | smart_plus]
  | |- _ - _ = _ => apply n_minus; normal
  | |- - _ = _ => eapply eq_trans; [apply n_opp; normal | smart_mult]
  | |- _ * _ = _ => eapply eq_trans; [apply n_mult; normal | smart_mult]
  | |- _ / _ = _ => apply n_div; normal
  | |- / _ = _ => eapply eq_trans; [apply n_inv; normal | smart_inv]
  | |- _ ^ 2 = _ => apply n_square; normal
  | |- exp (_ - _) = _ => eapply eq_trans; [apply exp_minus | normal]
  | |- exp (_ + _) = _ => eapply eq_trans; [apply exp_plus | normal]
  | |- ln _ = _ => eapply eq_trans; [apply n_ln; normal | smart_ln]
  | |- if_same _ _ _ _ = _ => apply n_same; normal
  | |- if_open _ 1 0 = _ => reflexivity
  | |- if_open _ _ _ = _ => apply n_open; normal
  | |- softmax _ _ _ = _ => unfold softmax; normal
  | |- cross_entropy _ _ _ = _ => unfold cross_entropy; normal
  | |- mean _ _ = _ => unfold mean; normal
  | |- delta ?i ?i = _ => apply delta_same
  | |- sum _ _ = _ => eapply eq_trans; [eapply sum_ext; intros ? ?; cbv beta; normal |]; cbv beta; smart_sum
  | |- ?y ?k = _ => lazymatch goal with
      | written_out : True, E : one_hot _ y _ |- _ => apply (proj2 E); assumption
      | |- _ => reflexivity end
  | |- _ => reflexivity
  end.

(* --- closing ------------------------------------------------------------------------------------ *)

(* deltas of two indices, and gates, case by case *)
Lemma delta_other i k : i <> k -> delta i k = 0.
Proof. unfold delta; intros; destruct (Nat.eqb_spec i k); [easy|reflexivity]. Qed.
Ltac cases_of := repeat first [rewrite delta_same
  | match goal with |- context [delta ?i ?k] => let E := fresh in destruct (Nat.eq_dec i k) as [E|E];
      [subst | rewrite ?(delta_other i k E), ?(delta_other k i (not_eq_sym E))] end
  | match goal with |- context [if_open ?x 1 0] => unfold if_open; destruct (Rle_dec 0 x) end].
Ltac agree := lazymatch goal with |- ?a = ?a => reflexivity | _ => first [ring | field; not_zero] end.
Ltac same_sums := repeat match goal with
  | |- context [sum ?n ?f] => match goal with |- context [sum n ?g] => lazymatch g with f => fail | _ => idtac end;
      replace (sum n g) with (sum n f) by (apply sum_ext; intros ? ?; cbv beta; same) end
  | |- context [sum ?n ?f] => match goal with |- context [sum ?m ?g] => lazymatch g with f => fail | _ => idtac end;
      replace (sum m g) with (sum n f) by (rewrite sum_swap; apply sum_ext; intros ? ?; cbv beta; same) end end
with same := first [agree | progress same_sums; agree].

Ltac by_definition := unfold affine, relu, softmax, cross_entropy, mean; lazymatch goal with |- ?a = ?a => reflexivity end.
Ltac both := eapply eq_trans; [normal|]; apply eq_sym; eapply eq_trans; [normal|]; apply eq_sym.
Ltac equal := try lazymatch goal with E : one_hot _ _ ?t |- context [?t] => pose proof I as written_out; pose proof (proj1 E) end;
  first [by_definition | both; first [same | cases_of; same]].
Ltac exists_ := intros; eapply exists_by; differentiate.
Ltac unfolded := autounfold with names in *; unfold affines, relus, softmaxes, cross_entropies, column in *.
Ltac line := intros; unfolded;
  repeat lazymatch goal with |- _ /\ _ => split; [exists_ |] end; lazymatch goal with |- ex_derive _ _ => exists_ | _ => equal end.
