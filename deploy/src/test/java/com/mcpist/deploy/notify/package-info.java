@NullMarked
package com.mcpist.deploy.notify;

import org.jspecify.annotations.NullMarked;
