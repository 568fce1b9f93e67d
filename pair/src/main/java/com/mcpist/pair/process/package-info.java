/** Programs kept running: started, watched, started again with backoff, stopped. */
@NullMarked
package com.mcpist.pair.process;

import org.jspecify.annotations.NullMarked;
