/** What the supervisor knows of an origin's releases, and how it puts one in another's place. */
@NullMarked
package com.mcpist.pair.rollout;

import org.jspecify.annotations.NullMarked;
