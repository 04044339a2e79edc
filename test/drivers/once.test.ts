import { expect, it } from 'vitest';
import { once, onceForText } from '../../src/drivers/once.ts';

it('computes once for each object, also when the result is undefined', () => {
  let times = 0;
  const asked = once(() => {
    times += 1;
    return undefined;
  });
  const key = {};
  expect([asked(key), asked(key), asked({})]).toEqual([undefined, undefined, undefined]);
  expect(times).toBe(2);
});

it('computes once for equal texts, and keeps neither many nor long ones', () => {
  const computed: string[] = [];
  const asked = onceForText((text) => {
    computed.push(text);
    return text.length;
  });
  const long = 'x'.repeat(1001);
  expect([asked('ab'), asked(['a', 'b'].join('')), asked(long), asked(long)]).toEqual([
    2, 2, 1001, 1001,
  ]);
  expect(computed).toEqual(['ab', long, long]);
  for (let number = 0; number < 1000; number++) asked(String(number));
  computed.length = 0;
  expect([asked('ab'), asked('999')]).toEqual([2, 3]);
  expect(computed).toEqual(['ab']);
});
