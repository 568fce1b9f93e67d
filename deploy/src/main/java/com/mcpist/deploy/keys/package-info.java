/** API keys, as whoever makes them has them: nobody else ever sees more than their digests. */
@NullMarked
package com.mcpist.deploy.keys;

import org.jspecify.annotations.NullMarked;
