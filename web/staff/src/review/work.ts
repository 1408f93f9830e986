/* SPDX-License-Identifier: Apache-2.0 */
/* What pages over the published interface share: a refusal is said in the host's own words. */
import { Refusal } from '../../../shared/api';
import { explain } from '../../../shared/entrance';
import { useStepping } from '../../../shared/stepping';
import { review } from './words';

const REFUSED = [409, 422];

export const say = (error: unknown) => {
  const said = error instanceof Refusal && (REFUSED.includes(error.status) || error.code === 'paper');
  if (said && error.message !== '') {
    return error.message;
  }
  return error instanceof Refusal && error.code === 'field' ? review.value.field : explain(error);
};

export const useReview = () => useStepping(say);
