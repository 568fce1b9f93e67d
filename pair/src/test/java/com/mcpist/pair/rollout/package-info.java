@NullMarked
package com.mcpist.pair.rollout;

import org.jspecify.annotations.NullMarked;
